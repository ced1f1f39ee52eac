// graphql-ws over a WebSocket, signed in by the first message.
import { createClient } from 'graphql-ws'
import WebSocket from 'ws'
import { authorization, flow, url } from './flow.mjs'

const client = createClient({
  url: url.replace('http', 'ws'),
  webSocketImpl: WebSocket,
  connectionParams: { authorization },
  retryAttempts: 0,
})

await flow((query, variables) =>
  new Promise((resolve, reject) => {
    client.subscribe({ query, variables }, {
      next: ({ data, errors }) => (errors ? reject(new Error(JSON.stringify(errors))) : resolve(data)),
      error: fault => reject(new Error(JSON.stringify(fault))),
      complete: () => {},
    })
  }))
await client.dispose()
