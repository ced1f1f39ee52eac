// Verify a Portico licence file offline: node verify-license.mjs FILE KEYS.json [ENVIRONMENT].
// Needs Node 18 and nothing else. KEYS.json is /.well-known/license-keys.json of whoever issued the licence.
// Prints one JSON object {"valid", "code"} and exits with 0 if the licence is valid now, 1 if not.
import { createPublicKey, verify as ed25519 } from "node:crypto";
import { readFileSync, realpathSync } from "node:fs";
import { fileURLToPath } from "node:url";

const GOOD = ["VALID", "IN_GRACE"];
const DAY = 24 * 60 * 60 * 1000;
const CLOCK_SKEW = 5 * 60 * 1000;

/** The code for a file's bytes (a Buffer); VALID and IN_GRACE are the good ones. */
export function verify(data, keySet, now, environment = "production") {
  let wrapper;
  try {
    wrapper = open(data);
  } catch {
    return "MALFORMED";
  }
  const key = keySet.keys.find((key) => key.kid === wrapper.kid);
  if (!key) return "UNKNOWN_KEY";
  if (key.state === "revoked") return "KEY_REVOKED";
  const publicKey = createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x: key.x }, format: "jwk" });
  const signature = Buffer.from(wrapper.sig, "base64");
  if (!ed25519(null, Buffer.from("license/" + wrapper.enc), publicKey, signature)) return "BAD_SIGNATURE";
  return judge(JSON.parse(Buffer.from(wrapper.enc, "base64").toString("utf8")), wrapper.kid, now, environment);
}

/** The wrapper {enc, sig, alg, kid}. Throws unless the file is in its one spelling. */
function open(data) {
  const body = data.toString("latin1").split("\n").slice(1, -2).join("");
  const wrapper = JSON.parse(Buffer.from(body, "base64").toString("utf8"));
  const again = Buffer.from(JSON.stringify(wrapper)).toString("base64");
  const lines = again.match(/.{1,64}/g).join("\n");
  const text = `-----BEGIN LICENSE FILE-----\n${lines}\n-----END LICENSE FILE-----\n`;
  if (!data.equals(Buffer.from(text))) throw new Error("not the file's one spelling");
  if (Object.keys(wrapper).join() !== "enc,sig,alg,kid") throw new Error("other fields");
  if (wrapper.alg !== "base64+ed25519") throw new Error("another algorithm");
  if (typeof wrapper.kid !== "string" || !/^[A-Za-z0-9_-]{1,64}$/.test(wrapper.kid)) throw new Error("no key id");
  for (const encoded of [wrapper.enc, wrapper.sig]) {
    if (Buffer.from(encoded, "base64").toString("base64") !== encoded) throw new Error("not canonical base64");
  }
  if (Buffer.from(wrapper.sig, "base64").length !== 64) throw new Error("not a signature");
  return wrapper;
}

function judge(payload, kid, now, environment) {
  if (payload.kid !== kid || payload.format !== 1) return "MALFORMED";
  if (payload.environment !== environment) return "WRONG_ENVIRONMENT";
  if (Date.parse(payload.issuedAt) > now.getTime() + CLOCK_SKEW) return "ISSUED_IN_FUTURE";
  const expires = Date.parse(payload.expiresOn);
  if (now.getTime() < Date.parse(payload.startsOn)) return "NOT_STARTED";
  if (now.getTime() < expires) return "VALID";
  return now.getTime() < expires + payload.graceDays * DAY ? "IN_GRACE" : "EXPIRED";
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const [file, keys, environment] = process.argv.slice(2);
  const code = verify(readFileSync(file), JSON.parse(readFileSync(keys, "utf8")), new Date(), environment);
  console.log(JSON.stringify({ valid: GOOD.includes(code), code }));
  process.exitCode = GOOD.includes(code) ? 0 : 1;
}
