// urql with its own Accept header, which names text/event-stream as well.
import { Client, cacheExchange, fetchExchange } from '@urql/core'
import { DEFERRED, WRONG, authorization, flow, reference, url } from './flow.mjs'

// Once it has its result urql aborts the request it read it from; where the body's last chunk has not
// arrived yet, the read it abandons rejects with nobody listening. Any other rejection still ends the program.
process.on('unhandledRejection', (reason) => {
  if (reason?.name !== 'AbortError') throw reason
})

const client = new Client({
  url,
  preferGetMethod: false,
  exchanges: [cacheExchange, fetchExchange],
  fetchOptions: { headers: { authorization } },
  requestPolicy: 'network-only',
})

const also = {}
await flow(async (document, variables) => {
  const asked = document.includes('mutation') ? client.mutation(document, variables) : client.query(document, variables)
  const { data, error } = await asked.toPromise()
  if (error) throw error
  if (document.includes('Follow')) {
    also.deferred = (await client.query(DEFERRED, { reference }).toPromise()).data.order
    also.error = (await client.query(WRONG, {}).toPromise()).error.graphQLErrors[0].extensions.code
  }
  return data
}, also)
