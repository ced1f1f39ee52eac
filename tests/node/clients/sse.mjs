// graphql-sse in its distinct connections mode.
import { createClient } from 'graphql-sse'
import { authorization, flow, url } from './flow.mjs'

const client = createClient({ url, headers: { authorization }, retryAttempts: 0 })

await flow((query, variables) =>
  new Promise((resolve, reject) => {
    let answer
    client.subscribe({ query, variables }, {
      next: result => { answer = result },
      error: fault => reject(new Error(JSON.stringify(fault))),
      complete: () => (answer?.errors ? reject(new Error(JSON.stringify(answer.errors))) : resolve(answer?.data)),
    })
  }))
