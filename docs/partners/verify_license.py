"""Verify a Portico licence file offline: python3 verify_license.py FILE KEYS.json [OPTIONS].

--environment sandbox   --instance NAME   --revocations REVOCATIONS.json
Needs Python 3.8 and nothing else. KEYS.json and REVOCATIONS.json are /.well-known/license-keys.json and
/.well-known/license-revocations.json of whoever issued the licence. Prints one JSON object {"valid", "code"}
and exits with 0 if the licence is valid now, 1 if not. Ed25519 is RFC 8032 in affine steps of extended
coordinates: public data only, so it need not be constant-time.
"""
import argparse, base64, datetime as dt, hashlib, json, re, sys

P, L = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT = pow(2, (P - 1) // 4, P)                          # a square root of -1
SKEW = dt.timedelta(minutes=5)


def point(encoded):
    """Decode 32 bytes to (X, Y, Z, T); ValueError unless they are the one encoding of a point."""
    number = int.from_bytes(encoded, "little")
    sign, y = number >> 255, number & (2**255 - 1)
    u, v = y * y - 1, D * y * y + 1
    x = u * pow(v, 3, P) * pow(u * pow(v, 7, P), (P - 5) // 8, P) % P
    x = x * ROOT % P if (v * x * x - u) % P else x
    if len(encoded) != 32 or y >= P or (v * x * x - u) % P or (x == 0 and sign):
        raise ValueError("not a point")
    x = P - x if x & 1 != sign else x
    return x, y, 1, x * y % P


def add(p, q):
    a, b = (p[1] - p[0]) * (q[1] - q[0]) % P, (p[1] + p[0]) * (q[1] + q[0]) % P
    c, d = 2 * p[3] * q[3] * D % P, 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def times(n, p):
    total = (0, 1, 1, 0)
    for bit in bin(n)[2:]:
        total = add(total, total)
        total = add(total, p) if bit == "1" else total
    return total


def signed(public, signature, message):
    r, s = signature[:32], int.from_bytes(signature[32:], "little")
    if len(signature) != 64 or s >= L:                  # s >= L: a second spelling of the same signature
        return False
    h = int.from_bytes(hashlib.sha512(r + public + message).digest(), "little") % L
    base = point((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))
    x, y, z, _ = add(times(s, base), times(L - h, point(public)))
    x, y = x * pow(z, P - 2, P) % P, y * pow(z, P - 2, P) % P
    return (y | (x & 1) << 255).to_bytes(32, "little") == r


def trusted(key_set, wrapper, prefix):
    """VALID where a key of the set, not revoked, signed the wrapper's enc; else the code that says why not."""
    key = next((key for key in key_set["keys"] if key["kid"] == wrapper["kid"]), None)
    if key is None or key["state"] == "revoked":
        return "KEY_REVOKED" if key else "UNKNOWN_KEY"
    public, signature = base64.urlsafe_b64decode(key["x"] + "="), base64.b64decode(wrapper["sig"])
    return "VALID" if signed(public, signature, prefix + wrapper["enc"].encode()) else "BAD_SIGNATURE"


def verify(data, key_set, now, environment="production", instance=None, revocations=None):
    """The code for a file's bytes; VALID and IN_GRACE are the good ones."""
    try:
        body = "".join(data.decode("ascii").split("\n")[1:-2])
        wrapper = json.loads(base64.b64decode(body, validate=True))
        again = base64.b64encode(json.dumps(wrapper, separators=(",", ":")).encode()).decode()
        lines = "\n".join(again[i:i + 64] for i in range(0, len(again), 64))
        text = f"-----BEGIN LICENSE FILE-----\n{lines}\n-----END LICENSE FILE-----\n"
        signature, payload = base64.b64decode(wrapper["sig"]), base64.b64decode(wrapper["enc"])
        if text.encode() != data or list(wrapper) != ["enc", "sig", "alg", "kid"] \
                or wrapper["alg"] != "base64+ed25519" or len(signature) != 64 \
                or not re.fullmatch("[A-Za-z0-9_-]{1,64}", wrapper["kid"]) \
                or base64.b64encode(signature).decode() != wrapper["sig"] \
                or base64.b64encode(payload).decode() != wrapper["enc"]:
            return "MALFORMED"
    except (ValueError, KeyError, TypeError, RecursionError):
        return "MALFORMED"
    code = trusted(key_set, wrapper, b"license/")
    if code != "VALID":
        return code
    payload = json.loads(payload)
    if payload["kid"] != wrapper["kid"] or payload["format"] != 1:
        return "MALFORMED"
    stopped = revocations is not None and revoked(revocations, key_set, now, payload["jti"])
    return stopped or judged(payload, now, environment, instance)


def revoked(wrapper, key_set, now, jti):
    """The code where a revocation list stops a licence or is no good itself; None where it lets it pass."""
    try:
        if wrapper["alg"] != "base64+ed25519" or trusted(key_set, wrapper, b"license-revocations/") != "VALID":
            return "REVOCATIONS_INVALID"
        listed = json.loads(base64.b64decode(wrapper["enc"]))
        if listed["format"] != 1 or moment(listed["issuedAt"]) > now + SKEW:
            return "REVOCATIONS_INVALID"
        if now >= moment(listed["expiresAt"]):
            return "REVOCATIONS_EXPIRED"
        return "REVOKED" if any(one["jti"] == jti for one in listed["revoked"]) else None
    except (ValueError, KeyError, TypeError, AttributeError):
        return "REVOCATIONS_INVALID"


def moment(text):
    return dt.datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=dt.timezone.utc)


def judged(payload, now, environment, instance):
    starts, expires = (dt.date.fromisoformat(payload[name]) for name in ("startsOn", "expiresOn"))
    grace = expires + dt.timedelta(days=payload["graceDays"])
    if payload["environment"] != environment:
        return "WRONG_ENVIRONMENT"
    if payload.get("instance") not in (None, instance):
        return "WRONG_INSTANCE"
    if moment(payload["issuedAt"]) > now + SKEW:
        return "ISSUED_IN_FUTURE"
    day = now.date()
    return "NOT_STARTED" if day < starts else "VALID" if day < expires else "IN_GRACE" if day < grace else "EXPIRED"


if __name__ == "__main__":
    asked = argparse.ArgumentParser(description="Verify a Portico licence file offline.")
    asked.add_argument("file", type=argparse.FileType("rb"))
    asked.add_argument("keys", type=argparse.FileType("r"))
    asked.add_argument("--environment", default="production")
    asked.add_argument("--instance")
    asked.add_argument("--revocations", type=argparse.FileType("r"))
    given = asked.parse_args()
    code = verify(given.file.read(), json.load(given.keys), dt.datetime.now(dt.timezone.utc), given.environment,
                  given.instance, given.revocations and json.load(given.revocations))
    print(json.dumps({"valid": code in ("VALID", "IN_GRACE"), "code": code}))
    sys.exit(code not in ("VALID", "IN_GRACE"))
