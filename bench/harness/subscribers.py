"""Subscribers of a gateway under load, put in through its admin socket, many at once."""

import base64
import hashlib
import hmac
import json
import socket

from gateway import DOMAIN
from lab import LabError

# Those of bench/loadgen/applicant.h: every simulated terminal has the same, so that PBKDF2 is done once.
PASSWORD = b"storm-of-terminals"
SALT = b"0123456789abcdef"
ITERATIONS = 4096
BATCH = 500  # requests on their way before their answers are read


def verifier():
    """Returns what a store keeps of the password (RFC 5802 3)."""
    salted = hashlib.pbkdf2_hmac("sha256", PASSWORD, SALT, ITERATIONS)
    client = hmac.digest(salted, b"Client Key", "sha256")
    fields = {"salt": SALT, "stored_key": hashlib.sha256(client).digest(),
              "server_key": hmac.digest(salted, b"Server Key", "sha256")}
    return {"iterations": ITERATIONS,
            **{name: base64.urlsafe_b64encode(value).rstrip(b"=").decode()
               for name, value in fields.items()}}


def add(gateway, first, count, is_by_certificate=False):
    """Adds the subscribers tFIRST .. of this many; the gateway must take each."""
    common = {"command": "subscriber add",
              **({"certificate": True} if is_by_certificate else verifier())}
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as link:
        link.settimeout(120)
        link.connect(str(gateway.directory / "admin"))
        answers = link.makefile("rb")
        for batch in range(first, first + count, BATCH):
            numbers = range(batch, min(batch + BATCH, first + count))
            link.sendall(b"".join(json.dumps({**common, "id": f"t{number}@{DOMAIN}"}).encode() + b"\n"
                                  for number in numbers))
            for number in numbers:
                answer = json.loads(answers.readline())
                if not answer.get("ok"):
                    raise LabError(f"subscriber t{number} is not taken: {answer.get('error')}")
