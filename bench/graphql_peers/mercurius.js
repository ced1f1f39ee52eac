// Mercurius with JIT and loaders over Portico's tables. Timestamps and dates are read as text, which is
// faster for it than making Date objects and printing them again.
import Fastify from "fastify";
import mercurius from "mercurius";
import pg from "pg";

for (const type of [pg.types.builtins.TIMESTAMPTZ, pg.types.builtins.DATE]) pg.types.setTypeParser(type, String);
const pool = new pg.Pool({ max: Number(process.env.POOL) });

const schema = `
  type Query {
    orders(partner: ID!, first: Int!): [Order!]!
    order(partner: ID!, id: ID!): Order
    license(partner: ID!, id: ID!): License
  }
  type Order {
    id: ID! externalOrderReference: String kind: String! status: String! currency: String!
    purchaseOrderNumber: String placedAt: String! total: String!
    statusSince: String! updatedAt: String! fulfilledAt: String
    lines: [Line!]! customer: Customer licenses: [License!]!
  }
  type Line { id: ID! lineNumber: Int! quantity: Int! status: String! net: String! }
  type Customer {
    id: ID! externalReference: String! legalName: String! country: String! taxId: String domain: String
  }
  type License { id: ID! state: String! plan: String! seats: Int! startsOn: String! expiresOn: String! }
`;

const ORDER = `id, external_order_reference AS "externalOrderReference", kind, status, currency,
  purchase_order_number AS "purchaseOrderNumber", placed_at AS "placedAt", total,
  status_since AS "statusSince", updated_at AS "updatedAt", fulfilled_at AS "fulfilledAt", partner_id, customer_id`;
const LICENSE = `id, state, plan, seats, starts_on AS "startsOn", expires_on AS "expiresOn", order_id`;
const LINE = `id, line_number AS "lineNumber", quantity, status, net_amount AS net, order_id`;
const CUSTOMER = `id, external_reference AS "externalReference", legal_name AS "legalName", country,
  tax_id AS "taxId", domain`;
const OWN = "partner_id = $1 AND environment = 'PRODUCTION'";

// Statements are named, so that each connection prepares them once.
const read = async (name, text, values) => (await pool.query({ name, text, values })).rows;

const resolvers = {
  Query: {
    orders: (_, { partner, first }) =>
      read("orders", `SELECT ${ORDER} FROM orders WHERE ${OWN} ORDER BY placed_at DESC, id DESC LIMIT $2`,
        [partner, first]),
    order: async (_, { partner, id }) =>
      (await read("order", `SELECT ${ORDER} FROM orders WHERE ${OWN} AND id = $2`, [partner, id]))[0],
    license: async (_, { partner, id }) =>
      (await read("license", `SELECT ${LICENSE} FROM licenses WHERE ${OWN} AND id = $2`, [partner, id]))[0],
  },
};

// A loader gets all orders of the page at once and answers for each.
const below = (name, text) => async (queries) => {
  const parents = queries.map(({ obj }) => obj);
  const rows = await read(name, text, [parents[0].partner_id, parents.map((order) => order.id)]);
  const found = new Map(parents.map((order) => [order.id, []]));
  for (const row of rows) found.get(row.order_id).push(row);
  return parents.map((order) => found.get(order.id));
};

const loaders = {
  Order: {
    lines: below("lines", `SELECT ${LINE} FROM order_lines WHERE ${OWN} AND order_id = ANY($2) ORDER BY line_number`),
    licenses: below("licenses", `SELECT ${LICENSE} FROM licenses WHERE ${OWN} AND order_id = ANY($2) ORDER BY id DESC`),
    customer: async (queries) => {
      const wanted = [...new Set(queries.map(({ obj }) => obj.customer_id))];
      const rows = await read("customers", `SELECT ${CUSTOMER} FROM customers WHERE ${OWN} AND id = ANY($2)`,
        [queries[0].obj.partner_id, wanted]);
      const found = new Map(rows.map((row) => [row.id, row]));
      return queries.map(({ obj }) => found.get(obj.customer_id) ?? null);
    },
  },
};

const app = Fastify({ logger: false, keepAliveTimeout: 75_000 });
app.register(mercurius, { schema, resolvers, loaders, jit: 1 });
await app.listen({ port: 0, host: "127.0.0.1" });
console.log(app.server.address().port);
