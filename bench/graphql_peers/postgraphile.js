// PostGraphile over Portico's tables, as its documentation sets it up for production.
import { createServer } from "node:http";
import pg from "pg";
import { postgraphile } from "postgraphile";
import { grafserv } from "postgraphile/grafserv/node";
import { makePgService } from "postgraphile/adaptors/pg";
import { PostGraphileAmberPreset } from "postgraphile/presets/amber";
import { jsonPgSmartTags } from "postgraphile/utils";

// A table may not be named as the root type of subscriptions is.
const renamed = { version: 1, config: { class: { subscriptions: { tags: { name: "holding" } } } } };

const pool = new pg.Pool({ max: Number(process.env.POOL) });
const instance = postgraphile({
  extends: [PostGraphileAmberPreset],
  pgServices: [makePgService({ pool, schemas: ["public"] })],
  plugins: [jsonPgSmartTags(renamed)],
  disablePlugins: ["PgIndexBehaviorsPlugin"], // it would hide licences of an order: their index begins otherwise
  schema: { defaultBehavior: "+list" }, // plain lists beside connections: less for it to do
  grafast: { explain: false },
  grafserv: { graphiql: false, watch: false, graphqlPath: "/graphql", maxRequestLength: 262_144 },
});
const server = createServer();
await instance.createServ(grafserv).addTo(server);
server.keepAliveTimeout = 75_000;
server.listen(0, "127.0.0.1", () => console.log(server.address().port));
