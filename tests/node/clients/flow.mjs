// What every client does: see what can be sold, order it, and look the order up again.
import { randomUUID } from 'node:crypto'

export const [url, token] = process.argv.slice(2)
export const authorization = `Bearer ${token}`
export const reference = `foreign-${randomUUID()}`

export const CATALOG = /* GraphQL */ `
  query Catalog { catalog(currency: "EUR") { sku { code } currency } }
`
export const PLACE = /* GraphQL */ `
  mutation Place($input: PlaceOrderInput!) {
    placeOrder(input: $input) { order { id status } problems { code message } replayed }
  }
`
export const FOLLOW = /* GraphQL */ `
  query Follow($reference: String!) {
    order(by: { externalOrderReference: $reference }) { id status lines { quantity } }
  }
`
export const DEFERRED = /* GraphQL */ `
  query Deferred($reference: String!) {
    order(by: { externalOrderReference: $reference }) { id ... @defer { lines { quantity } } }
  }
`
export const WRONG = /* GraphQL */ `query Wrong { orders(first: 0) { nodes { id } } }`

export const orderOf = sku => ({
  idempotencyKey: `key-${reference}`,
  externalOrderReference: reference,
  details: {
    new: {
      currency: 'EUR',
      lines: [{ sku, quantity: 3 }],
      customer: {
        new: {
          externalReference: `customer-${reference}`,
          legalName: 'Holmgren Kartografi AB',
          country: 'SE',
          contacts: [{ name: 'Liv Holmgren', email: 'liv@holmgren.example', receivesLicenses: true }],
        },
      },
    },
  },
})

// `ask(document, variables)` resolves to the data. Prints what the test looks at.
export async function flow(ask, also = {}) {
  const { catalog } = await ask(CATALOG, {})
  const { placeOrder } = await ask(PLACE, { input: orderOf(catalog[0].sku.code) })
  const { order } = await ask(FOLLOW, { reference })
  console.log(JSON.stringify({ placed: placeOrder.order.id, problems: placeOrder.problems, order, ...also }))
}
