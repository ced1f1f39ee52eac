"""Receives webhooks of Portico, with the standard library alone: python3 receive_webhooks.py SECRETS [PORT]

SECRETS is a file with a secret in each line: two while one is being replaced. The first line that is printed is
the address it listens on. Put TLS in front of it, and keep what `seen` keeps in a table with a UNIQUE column.
"""

import base64
import hashlib
import hmac
import http.server
import json
import pathlib
import sys
import time

TOLERANCE = 300  # seconds that a message may be old, or a clock wrong
LARGEST = 1_000_000  # bytes

seen = {}  # ids of messages, with their sequences: whatever comes twice is handled once


def verified(secrets, headers, body):
    """The message, if one of the secrets signed it just now. Raises ValueError otherwise."""
    message_id, sent_at = headers["webhook-id"], headers["webhook-timestamp"]
    if abs(time.time() - int(sent_at)) > TOLERANCE:
        raise ValueError("too old, or from the future")
    signed = f"{message_id}.{sent_at}.".encode() + body
    given = [one.removeprefix("v1,") for one in headers["webhook-signature"].split() if one.startswith("v1,")]
    for secret in secrets:
        key = base64.b64decode(secret.removeprefix("whsec_"))
        expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
        if any(hmac.compare_digest(expected.encode(), one.encode()) for one in given):
            return json.loads(body)
    raise ValueError("nobody we know signed this")


def handle(message):
    """Put it where a worker of yours will find it; be quick, the sender waits."""
    if message["id"] in seen:
        print("again", message["type"], message["sequence"], flush=True)
        return
    before = message["previousSequence"]
    if before is not None and before not in seen.values():
        print("missed something after", before, flush=True)  # read it from the feed: events(after: …)
    seen[message["id"]] = message["sequence"]
    print(message["type"], message["sequence"], flush=True)


class Receiver(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(min(int(self.headers["Content-Length"] or 0), LARGEST))
        try:
            message = verified(pathlib.Path(sys.argv[1]).read_text().split(), self.headers, body)
        except (ValueError, TypeError, OSError):
            return self.answer(401)
        handle(message)
        return self.answer(204)

    def answer(self, status):
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


if __name__ == "__main__":
    port = int(sys.argv[2]) if len(sys.argv) > 2 else 0
    server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Receiver)
    print(f"http://127.0.0.1:{server.server_port}/", flush=True)
    server.serve_forever()
