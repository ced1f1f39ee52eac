// The official package of Standard Webhooks, and our guide's receiver, over the same messages.
// Usage: node webhooks.mjs RECEIVER SECRET MESSAGES, a JSON list of {headers, body}.
import { pathToFileURL } from "node:url";
import { Webhook } from "standardwebhooks";

const [receiver, secret, messages] = process.argv.slice(2);
const { verified } = await import(pathToFileURL(receiver).href);
const official = new Webhook(secret);

const told = (verify) => {
  try {
    return verify().id;
  } catch {
    return null;
  }
};

const outcomes = JSON.parse(messages).map(({ headers, body }) => ({
  official: told(() => official.verify(body, headers)),
  ours: told(() => verified([secret], headers, Buffer.from(body))),
}));

const now = new Date();
const body = JSON.stringify({ id: "signed by the package" });
const headers = {
  "webhook-id": "msg_1",
  "webhook-timestamp": String(Math.floor(now.getTime() / 1000)),
  "webhook-signature": official.sign("msg_1", now, body),
};
const signed = told(() => verified(["whsec_AAAA", secret], headers, Buffer.from(body)));
const vector = new Webhook("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").sign(
  "msg_p5jXN8AQM9LWM0D4loKWxJek",
  new Date(1614265330 * 1000),
  '{"test": 2432232314}',
);
console.log(JSON.stringify({ outcomes, signed, vector }));
