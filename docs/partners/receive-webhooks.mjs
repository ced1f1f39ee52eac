// Receives webhooks of Portico, with node alone: node receive-webhooks.mjs SECRETS [PORT]
//
// SECRETS is a file with a secret in each line: two while one is being replaced. The first line that is printed
// is the address it listens on. Put TLS in front of it, and keep what `seen` keeps in a table with a UNIQUE column.
import { createHmac, timingSafeEqual } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { pathToFileURL } from "node:url";

const TOLERANCE = 300; // seconds that a message may be old, or a clock wrong
const LARGEST = 1_000_000; // bytes

const seen = new Map(); // ids of messages, with their sequences: whatever comes twice is handled once

/** The message, if one of the secrets signed it just now. Throws otherwise. */
export function verified(secrets, headers, body) {
  const id = headers["webhook-id"];
  const sentAt = headers["webhook-timestamp"];
  if (!(Math.abs(Date.now() / 1000 - Number(sentAt)) <= TOLERANCE)) {
    throw new Error("too old, or from the future");
  }
  const given = String(headers["webhook-signature"]).split(" ").filter((one) => one.startsWith("v1,"));
  for (const secret of secrets) {
    const key = Buffer.from(secret.replace(/^whsec_/, ""), "base64");
    const expected = createHmac("sha256", key).update(`${id}.${sentAt}.`).update(body).digest();
    const fits = (one) => {
      const bytes = Buffer.from(one.slice(3), "base64");
      return bytes.length === expected.length && timingSafeEqual(bytes, expected);
    };
    if (given.some(fits)) return JSON.parse(body.toString("utf8"));
  }
  throw new Error("nobody we know signed this");
}

/** Put it where a worker of yours will find it; be quick, the sender waits. */
function handle(message) {
  if (seen.has(message.id)) {
    console.log("again", message.type, message.sequence);
    return;
  }
  const before = message.previousSequence;
  if (before !== null && ![...seen.values()].includes(before)) {
    console.log("missed something after", before); // read it from the feed: events(after: …)
  }
  seen.set(message.id, message.sequence);
  console.log(message.type, message.sequence);
}

async function receive(request, response) {
  const chunks = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size > LARGEST) return response.writeHead(413).end();
    chunks.push(chunk);
  }
  try {
    const secrets = readFileSync(process.argv[2], "utf8").split(/\s+/).filter(Boolean);
    handle(verified(secrets, request.headers, Buffer.concat(chunks)));
  } catch {
    return response.writeHead(401).end();
  }
  return response.writeHead(204).end();
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const server = createServer(receive);
  server.listen(Number(process.argv[3] ?? 0), "127.0.0.1", () => {
    console.log(`http://127.0.0.1:${server.address().port}/`);
  });
}
