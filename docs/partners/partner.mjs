// A client of Portico's API with node alone: node partner.mjs ORDER.json
//
// PORTICO is the address of /graphql and TOKEN a bearer token. It repeats what may be repeated, follows an order
// until it is done or waits for somebody, and reads the feed of events to its end.
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const WORKED_ON = new Set(["RECEIVED", "SCREENING", "PROVISIONING"]);
const PLACE = `mutation ($input: PlaceOrderInput!) { placeOrder(input: $input) {
  order { id status } problems { code message path retryable resourceId } replayed } }`;
const FOLLOW = `query ($id: ID!) { order(by: {id: $id}) {
  id status blockers { waitingOn nextStep } licenses { id seats file } } }`;
const EVENTS = `query ($after: Sequence) { events(after: $after, first: 100) {
  nodes { id sequence type subjectId } nextAfter hasMore } }`;

/** Something has to change before this is sent again. */
export class Refused extends Error {
  constructor(reasons) {
    super(JSON.stringify(reasons));
    this.reasons = reasons;
  }
}

const sleep = (seconds) => new Promise((done) => setTimeout(done, seconds * 1000));

/** The data of the answer. Repeats the request while it got no answer, or one that says so. */
export async function ask(query, variables = {}) {
  let errors = ["no answer"];
  for (const wait of [1, 2, 4, 8, 16, 32, 60]) {
    let after = wait;
    try {
      const answer = await post(JSON.stringify({ query, variables }));
      after = Number(answer.headers.get("Retry-After") ?? wait);
      const { data, errors: told = [] } = await answer.json();
      if (data) return data; // a part that could not be fetched is null; the rest stands
      errors = told;
      if (!errors.some((error) => error.extensions?.retryable)) throw new Refused(errors);
    } catch (fault) {
      if (fault instanceof Refused) throw fault;
    }
    await sleep(after);
  }
  throw new Refused(errors);
}

function post(body) {
  const headers = { Authorization: `Bearer ${process.env.TOKEN}`, "Content-Type": "application/json" };
  return fetch(process.env.PORTICO, { method: "POST", headers, body, signal: AbortSignal.timeout(30_000) });
}

/** The order, placed now or by an earlier call with its key. */
export async function place(input) {
  let problems = [];
  for (const wait of [1, 2, 4, 8, 16]) {
    const payload = (await ask(PLACE, { input })).placeOrder;
    if (!payload.problems.length) return payload.order;
    problems = payload.problems;
    if (!problems.every((problem) => problem.retryable)) break;
    await sleep(wait);
  }
  throw new Refused(problems);
}

/** The order once it is done, or waits for somebody. */
export async function follow(id) {
  for (;;) {
    const { order } = await ask(FOLLOW, { id });
    if (!WORKED_ON.has(order.status)) return order;
    await sleep(1);
  }
}

/** Everything that happened after a sequence, oldest first. Keep the last one you have dealt with. */
export async function* events(after = 0) {
  for (let more = true; more; ) {
    const feed = (await ask(EVENTS, { after })).events;
    yield* feed.nodes;
    after = feed.nextAfter;
    more = feed.hasMore;
  }
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const asked = JSON.parse(readFileSync(process.argv[2], "utf8"));
  const done = await follow((await place(asked)).id);
  console.log(done.status, done.licenses.map((licence) => licence.seats).join());
  for await (const event of events()) {
    if (event.subjectId === done.id) console.log(event.type);
  }
  try {
    await place({ ...asked, idempotencyKey: "too short" });
  } catch (refused) {
    console.log(refused.reasons[0].code);
  }
}
