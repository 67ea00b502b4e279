#!/usr/bin/env python3
"""One key exchange worked through, with nothing of our own code.

vectors.py print            the appendix "Worked vectors" of docs/protocol.md, between its marks
vectors.py check FILE       is that what stands in FILE? exit code 1 if not
vectors.py write FILE       put it there
"""
import base64
import hashlib
import hmac
import struct
import sys

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import x25519
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

BEGIN = "<!-- vectors begin: made by tests/unit/keyexchange/vectors.py, do not edit -->"
END = "<!-- vectors end -->"

SUITES = [
    (1, "aes-128-gcm-16", 20),
    (2, "aes-256-gcm-16", 36),
    (3, "aes-128-cbc-hmac-sha-256-128", 48),
    (4, "aes-128-cbc-hmac-sha-1-96", 36),
    (5, "null-hmac-sha-256-128", 32),
    (6, "aes-256-cbc-hmac-sha-256-128", 64),
    (7, "null-aes-128-gmac-16", 20),
]


def b64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def b64(data):
    return base64.b64encode(data).decode()


def count_from(start, length):
    """Bytes that are easy to recognise: start, start+1, ..."""
    return bytes((start + i) % 256 for i in range(length))


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def mac(key, data):
    return hmac.new(key, data, hashlib.sha256).digest()


def expand(prk, info, length):
    out, block, n = b"", b"", 1
    while len(out) < length:
        block = mac(prk, block + info + bytes([n]))
        out += block
        n += 1
    return out[:length]


def xor(a, b):
    return bytes(x ^ y for x, y in zip(a, b))


def lines(*text):
    return "".join(line + "\r\n" for line in text)


class Exchange:
    domain = "abc.com"
    aor = "user-a@abc.com"
    password = b"correct horse battery staple"
    address = "[2001:1234::10]:5060"
    suites = "aes-128-gcm-16,aes-256-gcm-16"
    iterations = 4096

    def __init__(self):
        self.scalar_terminal = count_from(0x10, 32)
        self.scalar_gateway = count_from(0x40, 32)
        self.ni = count_from(0x80, 32)
        self.ng = count_from(0xa0, 32)
        self.n4 = count_from(0xc0, 32)
        self.salt = count_from(0x01, 16)
        self.spi_terminal = 0xa1b2c3d4
        self.spi_gateway = 0x01000001
        self.call_id = b64url(count_from(0x20, 15))
        self.from_tag = b64url(count_from(0x30, 15))
        self.to_tag = "sk" + b64url(count_from(0x50, 9))
        self.branch1 = "z9hG4bK" + b64url(count_from(0x60, 15))
        self.branch3 = "z9hG4bK" + b64url(count_from(0x70, 15))
        self.cookie = b64url(b"a cookie is opaque to a terminal")
        self.work()

    @staticmethod
    def share(scalar):
        key = x25519.X25519PrivateKey.from_private_bytes(scalar)
        return key.public_key().public_bytes(
            serialization.Encoding.Raw, serialization.PublicFormat.Raw)

    def request_head(self, branch, cseq):
        return lines(
            f"REGISTER sip:{self.domain} SIP/2.0",
            f"Via: SIP/2.0/UDP {self.address};branch={branch};rport",
            "Max-Forwards: 70",
            f"From: <sip:{self.aor}>;tag={self.from_tag}",
            f"To: <sip:{self.aor}>",
            f"Call-ID: {self.call_id}",
            f"CSeq: {cseq} REGISTER")

    def response_head(self, status, branch, cseq):
        return lines(
            f"SIP/2.0 {status}",
            f"Via: SIP/2.0/UDP {self.address};branch={branch};rport=5060;received=2001:1234::10",
            f"From: <sip:{self.aor}>;tag={self.from_tag}",
            f"To: <sip:{self.aor}>;tag={self.to_tag}",
            f"Call-ID: {self.call_id}",
            f"CSeq: {cseq} REGISTER")

    def make_message1(self):
        self.client_first_bare = f"n={self.aor},r={b64(self.ni)}"
        first = "p=sekisho-x25519,," + self.client_first_bare
        head = self.request_head(self.branch1, 1) + lines(
            f'Security-Client: sekisho-x25519;suites="{self.suites}"'
            f';share={b64url(self.share_terminal)};nonce={b64url(self.ni)}'
            f';address="{self.address}"',
            f'Authorization: SCRAM-SHA-256 data="{b64(first.encode())}"')
        end = lines("Content-Length: 0", "")
        padding = 1200 - len(head) - len(end) - len("Security-Padding: \r\n")
        return (head + lines("Security-Padding: " + "0" * padding) + end).encode()

    def make_message2(self):
        self.server_first = (f"r={b64(self.ni)}{b64(self.ng)},s={b64(self.salt)}"
                             f",i={self.iterations}")
        head = self.response_head("401 Unauthorized", self.branch1, 1) + lines(
            f"Security-Server: sekisho-x25519;suite=aes-128-gcm-16"
            f";share={b64url(self.share_gateway)};nonce={b64url(self.ng)}"
            f';address="{self.address}"',
            f'WWW-Authenticate: SCRAM-SHA-256 realm="{self.domain}"'
            f',data="{b64(self.server_first.encode())}"')
        cookie = lines(f"Security-Cookie: {self.cookie}")
        end = lines("Content-Length: 0", "")
        self.message2_uncookied = (head + end).encode()
        return (head + cookie + end).encode()

    def work_scram(self):
        binding = b"p=sekisho-x25519,," + self.h12
        self.client_final_bare = f"c={b64(binding)},r={b64(self.ni)}{b64(self.ng)}"
        auth = ",".join([self.client_first_bare, self.server_first,
                         self.client_final_bare]).encode()
        salted = hashlib.pbkdf2_hmac("sha256", self.password, self.salt, self.iterations)
        client_key = mac(salted, b"Client Key")
        self.stored_key = sha256(client_key)
        self.server_key = mac(salted, b"Server Key")
        self.proof = xor(client_key, mac(self.stored_key, auth))
        self.signature = mac(self.server_key, auth)

    def make_message3(self):
        self.plain3 = lines(f"scram={self.client_final_bare},p={b64(self.proof)}",
                            f"spi={self.spi_terminal:08x}").encode()
        head = (self.request_head(self.branch3, 2) + lines(
            f"Security-Cookie: {self.cookie}",
            "Content-Type: application/sekisho-sealed",
            f"Content-Length: {len(self.plain3) + 16}", "")).encode()
        self.head3 = head
        return head + AESGCM(self.k3).encrypt(bytes(12), self.plain3, head)

    def make_message4(self):
        self.plain4 = lines(
            f"scram=v={b64(self.signature)}", f"gateway={self.domain}",
            f"spi={self.spi_gateway:08x}", "level=3", "mode=transport",
            f"inner={self.address}", "soft=2700", "hard=3600", "packets=4294967296",
            "bytes=1099511627776").encode()
        head = (self.response_head("200 OK", self.branch3, 2) + lines(
            f"Security-Server: sekisho-x25519;nonce={b64url(self.n4)}",
            "Content-Type: application/sekisho-sealed",
            f"Content-Length: {len(self.plain4) + 16}", "")).encode()
        self.head4 = head
        return head + AESGCM(self.k4).encrypt(bytes(12), self.plain4, head)

    def sa_keys(self, direction, suite, length):
        info = (b"sekisho esp" + bytes([direction, suite]) +
                struct.pack(">II", self.spi_terminal, self.spi_gateway) + self.h123 + self.n4)
        return expand(self.prk, info, length)

    def work(self):
        self.share_terminal = self.share(self.scalar_terminal)
        self.share_gateway = self.share(self.scalar_gateway)
        self.z = x25519.X25519PrivateKey.from_private_bytes(self.scalar_terminal).exchange(
            x25519.X25519PublicKey.from_public_bytes(self.share_gateway))
        self.prk = mac(self.ni + self.ng, self.z)
        self.message1 = self.make_message1()
        self.message2 = self.make_message2()
        self.h12 = sha256(self.message1, self.message2_uncookied)
        self.k3 = expand(self.prk, b"sekisho message 3" + self.h12, 32)
        self.work_scram()
        self.message3 = self.make_message3()
        self.h123 = sha256(self.h12, self.message3)
        self.k4 = expand(self.prk, b"sekisho message 4" + self.h123 + self.n4, 32)
        self.message4 = self.make_message4()


def value(name, data):
    """name = hexadecimal, at most 32 bytes a line."""
    text = data.hex()
    rows = [text[i:i + 64] for i in range(0, len(text), 64)]
    pad = "\n" + " " * 19
    return f"{name:<16} = " + pad.join(rows) + "\n"


def wrap(text):
    """Text lines, a backslash where a line goes on in the next."""
    out = []
    for line in text.split("\r\n"):
        while len(line) > 96:
            out.append(line[:95] + "\\")
            line = line[95:]
        out.append(line)
    return "\n".join(out)


def block(name, data):
    return f"```{name}\n{wrap(data.decode())}```\n"


def appendix(x):
    body3, body4 = x.message3[len(x.head3):], x.message4[len(x.head4):]
    out = [BEGIN, "\n"]
    out.append("Given: password `%s`, %d iterations, and\n\n```values\n"
               % (x.password.decode(), x.iterations))
    for name, data in [
            ("password", x.password), ("scalar terminal", x.scalar_terminal),
            ("scalar gateway", x.scalar_gateway), ("Ni", x.ni), ("Ng", x.ng), ("N4", x.n4),
            ("salt", x.salt), ("spi terminal", struct.pack(">I", x.spi_terminal)),
            ("spi gateway", struct.pack(">I", x.spi_gateway))]:
        out.append(value(name, data))
    out.append("```\n\nMessage 1:\n\n" + block("message-1", x.message1))
    out.append("\nMessage 2:\n\n" + block("message-2", x.message2))
    out.append("\nMessage 3's head, and what is sealed behind it:\n\n")
    out.append(block("message-3-head", x.head3) + "\n" + block("message-3-plaintext", x.plain3))
    out.append("\nMessage 4's:\n\n")
    out.append(block("message-4-head", x.head4) + "\n" + block("message-4-plaintext", x.plain4))
    out.append("\nFrom these:\n\n```values\n")
    for name, data in [
            ("share terminal", x.share_terminal), ("share gateway", x.share_gateway),
            ("Z", x.z), ("PRK", x.prk), ("H12", x.h12), ("K3", x.k3),
            ("StoredKey", x.stored_key), ("ServerKey", x.server_key),
            ("ClientProof", x.proof), ("ServerSignature", x.signature),
            ("message 3 body", body3), ("H123", x.h123), ("K4", x.k4),
            ("message 4 body", body4)]:
        out.append(value(name, data))
    for number, _, length in SUITES:
        for direction in (1, 2):
            out.append(value(f"SA({direction}) suite {number}",
                             x.sa_keys(direction, number, length)))
    out.append("```\n" + END)
    return "".join(out)


def main(argv):
    text = appendix(Exchange())
    if len(argv) == 2 and argv[1] == "print":
        print(text)
        return 0
    if len(argv) != 3 or argv[1] not in ("check", "write"):
        sys.exit(__doc__)
    with open(argv[2], encoding="utf-8") as file:
        page = file.read()
    start, end = page.find(BEGIN), page.find(END)
    if argv[1] == "check":
        if start < 0 or page[start:end + len(END)] != text:
            print(f"{argv[2]}: its worked vectors are not what vectors.py makes")
            return 1
        return 0
    if start < 0:
        page = page.rstrip("\n") + "\n\n" + text + "\n"
    else:
        page = page[:start] + text + page[end + len(END):]
    with open(argv[2], "w", encoding="utf-8") as file:
        file.write(page)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
