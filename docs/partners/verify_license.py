"""Verify a Portico licence file offline: python3 verify_license.py FILE KEYS.json [OPTIONS].

--environment sandbox   --instance NAME   --revocations REVOCATIONS.json
Needs Python 3.8 and nothing else. KEYS.json and REVOCATIONS.json are /.well-known/license-keys.json and
/.well-known/license-revocations.json of whoever issued the licence. Prints one JSON object {"valid", "code"}
and exits with 0 if the licence is valid now, 1 if not. Ed25519 is RFC 8032 in extended coordinates (X, Y, Z, T):
public data only, so it need not be constant-time.
"""
import argparse, datetime as dt, hashlib, json, re, sys
from base64 import b64decode, b64encode, urlsafe_b64decode

P, L = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493
D, ROOT = -121665 * pow(121666, -1, P) % P, pow(2, (P - 1) // 4, P)  # ROOT: a square root of -1
ALG, STAMP = "base64+ed25519", "%Y-%m-%dT%H:%M:%SZ"  # such stamps, and ISO dates, sort as text


def point(encoded):
    """Decode 32 bytes; ValueError unless they are the one encoding of a point."""
    sign, y = divmod(int.from_bytes(encoded, "little"), 2**255)
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    root = pow(square, (P + 3) // 8, P)
    for x in (root, -root % P, root * ROOT % P, -root * ROOT % P):
        if x * x % P == square and x & 1 == sign and y < P and len(encoded) == 32:
            return x, y, 1, x * y % P
    raise ValueError("not a point")


def add(p, q):
    a, b = (p[1] - p[0]) * (q[1] - q[0]) % P, (p[1] + p[0]) * (q[1] + q[0]) % P
    c, d = 2 * p[3] * q[3] * D % P, 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def times(n, p):
    rest = times(n >> 1, add(p, p)) if n else (0, 1, 1, 0)
    return add(rest, p) if n & 1 else rest


def signed(public, signature, message):
    r, s = signature[:32], int.from_bytes(signature[32:], "little")
    h = int.from_bytes(hashlib.sha512(r + public + message).digest(), "little") % L
    base = point((4 * pow(5, -1, P) % P).to_bytes(32, "little"))
    x, y, z, _ = add(times(s % L, base), times(L - h, point(public)))
    x, y = x * pow(z, -1, P) % P, y * pow(z, -1, P) % P
    # s >= L would be a second spelling of the same signature
    return (y | (x & 1) << 255).to_bytes(32, "little") == r and s < L and len(signature) == 64


def distrusted(wrapper, key_set, prefix):
    """Why the wrapper's enc does not count as signed by a key of the set; None where it does."""
    key = next((key for key in key_set["keys"] if key["kid"] == wrapper["kid"]), None)
    if key is None or key["state"] == "revoked":
        return "KEY_REVOKED" if key else "UNKNOWN_KEY"
    public, message = urlsafe_b64decode(key["x"] + "="), prefix + wrapper["enc"].encode()
    return None if signed(public, b64decode(wrapper["sig"]), message) else "BAD_SIGNATURE"


def spelled(wrapper):
    """The one file that holds the wrapper: any other spelling of it is refused."""
    enc, sig = (b64encode(b64decode(wrapper[name])).decode() for name in ("enc", "sig"))
    kid = re.fullmatch("[A-Za-z0-9_-]{1,64}", wrapper["kid"]).group()
    text = json.dumps({"enc": enc, "sig": sig, "alg": ALG, "kid": kid}, separators=(",", ":"))
    lines = re.findall(".{1,64}", b64encode(text.encode()).decode())
    return "\n".join(["-----BEGIN LICENSE FILE-----", *lines, "-----END LICENSE FILE-----", ""]).encode()


def verify(data, key_set, now, environment="production", instance=None, revocations=None):
    """The code for a file's bytes at a time in UTC; VALID and IN_GRACE are the good ones."""
    try:
        wrapper = json.loads(b64decode("".join(data.decode("ascii").split("\n")[1:-2]), validate=True))
        well_formed = spelled(wrapper) == data and len(b64decode(wrapper["sig"])) == 64
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        well_formed = False
    code = distrusted(wrapper, key_set, b"license/") if well_formed else "MALFORMED"
    return code or judged(wrapper, key_set, now, environment, instance, revocations)


def judged(wrapper, key_set, now, environment, instance, revocations):
    """The first of these codes that holds for what was signed."""
    today, payload = now.date(), json.loads(b64decode(wrapper["enc"]))
    return ("MALFORMED" if payload["kid"] != wrapper["kid"] or payload["format"] != 1 else
            revocations is not None and stopped(revocations, key_set, now, payload["jti"]) or (
            "WRONG_ENVIRONMENT" if payload["environment"] != environment else
            "WRONG_INSTANCE" if payload.get("instance") not in (None, instance) else
            "ISSUED_IN_FUTURE" if future(payload, now) else
            "NOT_STARTED" if str(today) < payload["startsOn"] else
            "VALID" if str(today) < payload["expiresOn"] else
            "IN_GRACE" if str(today - dt.timedelta(payload["graceDays"])) < payload["expiresOn"] else "EXPIRED"))


def future(signed_at, now):
    return signed_at["issuedAt"] > f"{now + dt.timedelta(minutes=5):{STAMP}}"


def stopped(wrapper, key_set, now, jti):
    """The code where a revocation list stops a licence or is no good itself; None where it lets it pass."""
    try:
        listed = json.loads(b64decode(wrapper["enc"]))
        if wrapper["alg"] != ALG or distrusted(wrapper, key_set, b"license-revocations/") \
                or listed["format"] != 1 or future(listed, now):
            return "REVOCATIONS_INVALID"
        dead = any(one["jti"] == jti for one in listed["revoked"])
        return "REVOCATIONS_EXPIRED" if f"{now:{STAMP}}" >= listed["expiresAt"] else "REVOKED" if dead else None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return "REVOCATIONS_INVALID"


if __name__ == "__main__":
    asked, file = argparse.ArgumentParser(description=__doc__.splitlines()[0]), argparse.FileType("rb")
    kinds = {"file": file, "keys": file, "--revocations": file, "--environment": str, "--instance": str}
    for name, kind in kinds.items():
        asked.add_argument(name, type=kind)
    given = asked.parse_args(namespace=argparse.Namespace(environment="production"))
    code = verify(given.file.read(), json.load(given.keys), dt.datetime.now(dt.timezone.utc), given.environment,
                  given.instance, given.revocations and json.load(given.revocations))
    print(json.dumps({"valid": code in ("VALID", "IN_GRACE"), "code": code}))
    sys.exit(code not in ("VALID", "IN_GRACE"))
