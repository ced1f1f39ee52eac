// Apollo Client: the flow, an answer in parts, and an error as it is told.
import { ApolloClient, HttpLink, InMemoryCache, gql } from '@apollo/client'
import { Defer20220824Handler } from '@apollo/client/incremental'
import { DEFERRED, WRONG, authorization, flow, reference, url } from './flow.mjs'

const client = new ApolloClient({
  cache: new InMemoryCache(),
  link: new HttpLink({ uri: url, headers: { authorization } }),
  incrementalHandler: new Defer20220824Handler(),
  defaultOptions: { query: { fetchPolicy: 'network-only' } },
})

const also = {}
await flow(async (document, variables) => {
  const parsed = gql(document)
  const asked = parsed.definitions[0].operation === 'mutation'
    ? client.mutate({ mutation: parsed, variables })
    : client.query({ query: parsed, variables })
  const { data } = await asked
  if (document.includes('Follow')) {
    also.deferred = (await client.query({ query: gql(DEFERRED), variables: { reference } })).data.order
    also.error = await client.query({ query: gql(WRONG) }).catch(error => error.errors[0].extensions.code)
  }
  return data
}, also)
