// Verify a Portico licence file offline: node verify-license.mjs FILE KEYS.json [OPTIONS].
// --environment sandbox   --instance NAME   --revocations REVOCATIONS.json
// Needs Node 18 and nothing else. KEYS.json and REVOCATIONS.json are /.well-known/license-keys.json and
// /.well-known/license-revocations.json of whoever issued the licence. Prints one JSON object {"valid", "code"}
// and exits with 0 if the licence is valid now, 1 if not.
import { createPublicKey, verify as ed25519 } from "node:crypto";
import { readFileSync, realpathSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const GOOD = ["VALID", "IN_GRACE"];
const DAY = 24 * 60 * 60 * 1000;
const CLOCK_SKEW = 5 * 60 * 1000;

/** The code for a file's bytes (a Buffer); VALID and IN_GRACE are the good ones. */
export function verify(data, keySet, now, environment = "production", instance = null, revocations = null) {
  let wrapper;
  try {
    wrapper = open(data);
  } catch {
    return "MALFORMED";
  }
  const code = trusted(keySet, wrapper, "license/");
  if (code !== "VALID") return code;
  const payload = JSON.parse(decoded(wrapper.enc));
  if (payload.kid !== wrapper.kid || payload.format !== 1) return "MALFORMED";
  const stopped = revocations && revoked(revocations, keySet, now.getTime(), payload.jti);
  return stopped || judge(payload, now.getTime(), environment, instance);
}

/** Whether a signature over a message was made by the key with this public part, base64url. */
export function signed(x, signature, message) {
  try {
    const key = createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x }, format: "jwk" });
    return ed25519(null, message, key, signature);
  } catch {
    return false;
  }
}

/** VALID where a key of the set, not revoked, signed the wrapper's enc; else the code that says why not. */
function trusted(keySet, wrapper, prefix) {
  const key = keySet.keys.find((key) => key.kid === wrapper.kid);
  if (!key || key.state === "revoked") return key ? "KEY_REVOKED" : "UNKNOWN_KEY";
  const good = signed(key.x, Buffer.from(wrapper.sig, "base64"), Buffer.from(prefix + wrapper.enc));
  return good ? "VALID" : "BAD_SIGNATURE";
}

/** The wrapper {enc, sig, alg, kid}. Throws unless the file is in its one spelling. */
function open(data) {
  const body = data.toString("latin1").split("\n").slice(1, -2).join("");
  const wrapper = JSON.parse(decoded(body));
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

/** The code where a revocation list stops a licence or is no good itself; null where it lets it pass. */
function revoked(wrapper, keySet, now, jti) {
  try {
    if (wrapper.alg !== "base64+ed25519" || trusted(keySet, wrapper, "license-revocations/") !== "VALID") {
      return "REVOCATIONS_INVALID";
    }
    const listed = JSON.parse(decoded(wrapper.enc));
    const [issued, expires] = [Date.parse(listed.issuedAt), Date.parse(listed.expiresAt)];
    if (listed.format !== 1 || !(issued <= now + CLOCK_SKEW) || Number.isNaN(expires)) return "REVOCATIONS_INVALID";
    if (now >= expires) return "REVOCATIONS_EXPIRED";
    return listed.revoked.some((one) => one.jti === jti) ? "REVOKED" : null;
  } catch {
    return "REVOCATIONS_INVALID";
  }
}

function judge(payload, now, environment, instance) {
  if (payload.environment !== environment) return "WRONG_ENVIRONMENT";
  if (payload.instance !== undefined && payload.instance !== instance) return "WRONG_INSTANCE";
  if (Date.parse(payload.issuedAt) > now + CLOCK_SKEW) return "ISSUED_IN_FUTURE";
  const expires = Date.parse(payload.expiresOn);
  if (now < Date.parse(payload.startsOn)) return "NOT_STARTED";
  if (now < expires) return "VALID";
  return now < expires + payload.graceDays * DAY ? "IN_GRACE" : "EXPIRED";
}

function decoded(text) {
  return Buffer.from(text, "base64").toString("utf8");
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const text = { type: "string" };
  const options = { environment: text, instance: text, revocations: text };
  const { values, positionals } = parseArgs({ options, allowPositionals: true });
  const [file, ...others] = [...positionals, values.revocations].filter(Boolean).map((name) => readFileSync(name));
  const [keys, list] = others.map((read) => JSON.parse(read));
  const code = verify(file, keys, new Date(), values.environment, values.instance, list);
  console.log(JSON.stringify({ valid: GOOD.includes(code), code }));
  process.exitCode = GOOD.includes(code) ? 0 : 1;
}
