"""A terminal written from docs/protocol.md alone: nothing of ours is in it.

Python's hashlib, pyca/cryptography and scapy's IPsec layer stand where the product has OpenSSL and
IPsec-MB, so whatever attaches with this has met an independent implementation. It does only what
it is told, one message at a time, and lets a test bend each of them.

    stranger = Stranger(net.netns("t1"), node, gateway_node, "abc.com", "user-a@abc.com", "secret")
    stranger.attach()
    stranger.register()
    stranger.send(stranger.request("MESSAGE", "sip:user-b@abc.com"))
    answer = stranger.receive()
"""

import base64
import ctypes
import hashlib
import hmac
import os
import re
import select
import socket
import struct
import time

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from scapy.layers.inet import IP, UDP
from scapy.layers.inet6 import IPv6
from scapy.layers.ipsec import ESP, SecurityAssociation
from scapy.packet import Raw

SUITES = {"aes-128-gcm-16": (1, 16), "aes-256-gcm-16": (2, 32)}
FIRST_BYTES = 1200
SIP_PORT = 5060
ANSWER_S = 10.0  # for what is to come; whoever expects silence says how long he listens
AGAIN_S = 1.0    # what had no answer in clear is sent again
CLONE_NEWNET = 0x40000000
SO_RCVBUFFORCE = 33


def b64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def un_b64url(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def hmac256(key, data):
    return hmac.new(key, data, hashlib.sha256).digest()


def expand(key, info, length):
    return HKDFExpand(hashes.SHA256(), length, info).derive(key)


class Netns:
    """Sockets opened inside this `with` belong to the named namespace, wherever they are used."""

    def __init__(self, name):
        self.name = name

    def __enter__(self):
        self.home = os.open("/proc/self/ns/net", os.O_RDONLY)
        there = os.open(f"/run/netns/{self.name}", os.O_RDONLY)
        self._enter(there)
        os.close(there)

    def __exit__(self, *_error):
        self._enter(self.home)
        os.close(self.home)

    @staticmethod
    def _enter(fd):
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.setns(fd, CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), "setns")


class Message:
    """A SIP message as received: its bytes, first line, headers in order, body."""

    def __init__(self, data):
        self.bytes = data
        head, _, self.body = data.partition(b"\r\n\r\n")
        self.first, *lines = head.decode(errors="replace").split("\r\n")
        self.headers = [tuple(part.strip() for part in line.split(":", 1)) for line in lines]

    @property
    def status(self):
        return int(self.first.split()[1]) if self.first.startswith("SIP/2.0 ") else None

    def all(self, name):
        return [value for key, value in self.headers if key.lower() == name.lower()]

    def one(self, name):
        values = self.all(name)
        return values[0] if values else None

    def without(self, name):
        """The bytes without the line of this name, its CRLF included."""
        start = self.bytes.index(b"\r\n" + name.encode() + b":") + 2
        end = self.bytes.index(b"\r\n", start) + 2
        return self.bytes[:start] + self.bytes[end:]


def parameters(value):
    """The parameters of a header value `scheme;a=b;c="d"` or `scheme a="b",c="d"`."""
    found = {}
    for part in value.replace(" ", ";", 1).replace('",', '";').split(";")[1:]:
        name, _, text = part.strip().partition("=")
        found[name] = text.strip('"')
    return found


class Refused(Exception):
    """The gateway's answer is not the one that goes on."""

    def __init__(self, message):
        super().__init__(message.first if message else "no answer")
        self.message = message


class Stranger:
    """One terminal at an address in a namespace; terminal and gateway are topology.Node's."""

    def __init__(self, netns, terminal, gateway, domain, subscriber, password, family=6):
        self.address = terminal.address(family)
        self.gateway = gateway.address(family)
        self.family, self.domain = family, domain
        self.subscriber, self.password = subscriber, password
        self.call_id = os.urandom(8).hex()
        self.cseq = 0
        self.inner = self.bracketed(self.address) + f":{SIP_PORT}"
        self.seq_out = 0
        self.seq_in = 0
        kind = socket.AF_INET6 if family == 6 else socket.AF_INET
        with Netns(netns):
            self.udp = socket.socket(kind, socket.SOCK_DGRAM)
            self.esp = socket.socket(kind, socket.SOCK_RAW, socket.IPPROTO_ESP)
        self.esp.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 1 << 22)  # answers may come at once
        self.udp.bind((self.address, SIP_PORT))
        self.esp.bind((self.address, 0))

    def close(self):
        self.udp.close()
        self.esp.close()

    def bracketed(self, address):
        return f"[{address}]" if self.family == 6 else address

    # SIP

    def request(self, method, uri, to=None, sender=None, lines=(), body=b"", branch=None, tag=None,
                call_id=None, cseq=None, route_security=True):
        """The bytes of a request with the lines a terminal sends; lines are put before the end."""
        if cseq is None:
            self.cseq += 1
            cseq = self.cseq
        head = [
            f"{method} {uri} SIP/2.0",
            f"Via: SIP/2.0/UDP {self.inner};branch={branch or 'z9hG4bK' + os.urandom(6).hex()};rport",
            "Max-Forwards: 70",
            f"From: <{sender or 'sip:' + self.subscriber}>;tag={tag or 'stranger'}",
            f"To: <{to or uri}>",
            f"Call-ID: {call_id or self.call_id}",
            f"CSeq: {cseq} {method}",
        ]
        if route_security and method != "REGISTER":
            head.append(f"Route-Security: {self.bracketed(self.address)};level=3")
        head += [*lines, f"Content-Length: {len(body)}", "", ""]
        return "\r\n".join(head).encode() + body

    def answer(self, request, status, phrase="OK", lines=(), tag="strangers-tag"):
        """A response to a received request, its Route-Security lines echoed."""
        head = [f"SIP/2.0 {status} {phrase}"]
        for name, value in request.headers:
            if name in ("Via", "Record-Route", "Route-Security", "From", "Call-ID", "CSeq"):
                head.append(f"{name}: {value}")
            if name == "To":
                head.append(f"To: {value}" + ("" if ";tag=" in value else f";tag={tag}"))
        head += [f"Contact: <sip:{self.subscriber.split('@')[0]}@{self.inner}>", *lines,
                 "Content-Length: 0", "", ""]
        return "\r\n".join(head).encode()

    # In clear

    def send_clear(self, data):
        self.udp.sendto(data, (self.gateway, SIP_PORT))

    def receive_clear(self, seconds=ANSWER_S):
        """The next SIP message outside ESP, or None."""
        if not select.select([self.udp], [], [], seconds)[0]:
            return None
        return Message(self.udp.recv(65536))

    def ask_clear(self, data, seconds=AGAIN_S, tries=10):
        """Sends until its answer comes; returns the Message or None.

        What was sent twice may be answered twice: late answers to earlier requests are passed over.
        """
        for _ in range(tries):
            self.send_clear(data)
            answer = self.answer_to(data, self.receive_clear, seconds)
            if answer:
                return answer
        return None

    @staticmethod
    def answer_to(data, receive, seconds):
        """The next message that receive(seconds) has and that is no answer to another request than
        this, or None."""
        asked = re.search(rb"\r\nCSeq: *([^\r]*)", data)
        until = time.monotonic() + seconds
        while (message := receive(max(0.0, until - time.monotonic()))) is not None:
            if message.status is None or asked is None or message.one("CSeq") == asked[1].decode():
                return message
        return None

    # Key exchange, docs/protocol.md 1

    def first(self, suites="aes-128-gcm-16,aes-256-gcm-16", share=None, address=None, pad=True,
              lines=()):
        """Message 1; what of it is needed later is kept."""
        self.private = X25519PrivateKey.generate()
        own = self.private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        self.nonce_i = os.urandom(32)
        self.scram_bare = f"n={self.subscriber},r={base64.b64encode(self.nonce_i).decode()}"
        client_first = base64.b64encode(f"p=sekisho-x25519,,{self.scram_bare}".encode()).decode()
        lines = [
            f'Security-Client: sekisho-x25519;suites="{suites}";share={b64url(share or own)};'
            f'nonce={b64url(self.nonce_i)};address="{address or self.inner}"',
            f'Authorization: SCRAM-SHA-256 data="{client_first}"',
            *lines,
        ]
        self.cseq += 1
        build = lambda padding: self.request(
            "REGISTER", f"sip:{self.domain}", to=f"sip:{self.subscriber}", cseq=self.cseq,
            branch="z9hG4bKfirst" + self.call_id, lines=[*lines, *padding])
        bare = len(build(["Security-Padding: "]))
        missing = max(0, FIRST_BYTES - bare) if pad else 0
        self.m1 = build(["Security-Padding: " + "0" * missing])
        return self.m1

    def third(self, second, password=None, spi=None, cookie=None):
        """Message 3 to this message 2; keys and transcript are kept."""
        server = parameters(second.one("Security-Server"))
        challenge = parameters(second.one("WWW-Authenticate"))
        self.suite = server["suite"]
        self.nonce_g = un_b64url(server["nonce"])
        server_first = base64.b64decode(challenge["data"]).decode()
        z = self.private.exchange(X25519PublicKey.from_public_bytes(un_b64url(server["share"])))
        self.prk = hmac256(self.nonce_i + self.nonce_g, z)
        self.h12 = sha256(self.m1, second.without("Security-Cookie"))
        self.spi_in = spi or (0x100 + int.from_bytes(os.urandom(3), "big"))
        client_final = self._scram(server_first, password or self.password)
        plain = f"scram={client_final}\r\nspi={self.spi_in:08x}\r\n".encode()
        self.cseq += 1
        head = self.request(
            "REGISTER", f"sip:{self.domain}", to=f"sip:{self.subscriber}", cseq=self.cseq,
            lines=[f"Security-Cookie: {cookie or second.one('Security-Cookie')}",
                   "Content-Type: application/sekisho-sealed"], body=b"x" * (len(plain) + 16))
        head = head[:-len(plain) - 16]
        key = expand(self.prk, b"sekisho message 3" + self.h12, 32)
        self.m3 = head + AESGCM(key).encrypt(bytes(12), plain, head)
        self.h123 = sha256(self.h12, self.m3)
        return self.m3

    def _scram(self, server_first, password):
        """RFC 5802 3 with SHA-256; keeps what the server's signature must be."""
        fields = dict(part.split("=", 1) for part in server_first.split(","))
        salted = hashlib.pbkdf2_hmac("sha256", password.encode(),
                                     base64.b64decode(fields["s"]), int(fields["i"]))
        client_key = hmac256(salted, b"Client Key")
        binding = base64.b64encode(b"p=sekisho-x25519,," + self.h12).decode()
        bare = f"c={binding},r={fields['r']}"
        message = f"{self.scram_bare},{server_first},{bare}".encode()
        signature = hmac256(sha256(client_key), message)
        proof = bytes(a ^ b for a, b in zip(client_key, signature))
        self.server_signature = hmac256(hmac256(salted, b"Server Key"), message)
        return f"{bare},p={base64.b64encode(proof).decode()}"

    def fourth(self, message):
        """Opens message 4 and checks it; from then on there is an SA. Returns its fields."""
        self.n4 = un_b64url(parameters(message.one("Security-Server"))["nonce"])
        key = expand(self.prk, b"sekisho message 4" + self.h123 + self.n4, 32)
        head = message.bytes[:len(message.bytes) - len(message.body)]
        plain = AESGCM(key).decrypt(bytes(12), message.body, head).decode()
        fields = dict(line.split("=", 1) for line in plain.split("\r\n") if line)
        if not self.check_proof(fields) or fields["gateway"] != self.domain:
            raise ValueError("the gateway does not prove that it is ours")
        self.spi_out = int(fields["spi"], 16)
        self.sa_out = self._sa(1, self.spi_out)
        self.sa_in = self._sa(2, self.spi_in)
        self.seq_out = self.seq_in = 0
        return fields

    def check_proof(self, fields):
        return fields["scram"] == "v=" + base64.b64encode(self.server_signature).decode()

    def _sa(self, direction, spi):
        number, length = SUITES[self.suite]
        info = (b"sekisho esp" + bytes([direction, number]) +
                struct.pack(">II", self.spi_in, self.spi_out) + self.h123 + self.n4)
        return SecurityAssociation(ESP, spi=spi, crypt_algo="AES-GCM",
                                   crypt_key=expand(self.prk, info, length + 4))

    def attach(self, **options):
        """Messages 1 to 4; returns message 4's fields or raises Refused."""
        second = self.ask_clear(self.first(**options))
        if not second or second.status != 401 or not second.one("Security-Server"):
            raise Refused(second)
        fourth = self.ask_clear(self.third(second))
        if not fourth or fourth.status != 200:
            raise Refused(fourth)
        self.m4 = fourth.bytes
        return self.fourth(fourth)

    # Through the SA

    def sealed(self, data, number=None, source_port=SIP_PORT, destination_port=SIP_PORT):
        """ESP of a SIP message: bytes from the ESP header on."""
        if number is None:
            self.seq_out += 1
            number = self.seq_out
        layer = IPv6 if self.family == 6 else IP
        packet = layer(src=self.address, dst=self.gateway) / UDP(
            sport=source_port, dport=destination_port) / Raw(data)
        sealed = self.sa_out.encrypt(layer(bytes(packet)), seq_num=number & 0xffffffff,
                                     iv=struct.pack(">Q", number), esn_en=True, esn=number >> 32)
        return bytes(sealed[ESP])

    def send_esp(self, data):
        self.esp.sendto(data, (self.gateway, 0))

    def send(self, data, **options):
        self.send_esp(self.sealed(data, **options))

    def receive(self, seconds=ANSWER_S):
        """The next SIP message through our SA as a Message, or None. Its number must rise."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            if not select.select([self.esp], [], [], left)[0]:
                break
            data, sender = self.esp.recvfrom(65536)
            if sender[0] != self.gateway:
                continue
            esp = ESP(data if self.family == 6 else data[(data[0] & 15) * 4:])
            if esp.spi != self.spi_in:
                continue
            if esp.seq <= self.seq_in:
                raise ValueError(f"number {esp.seq} after {self.seq_in}")
            self.seq_in = esp.seq
            layer = (IPv6(src=self.gateway, dst=self.address, nh=50) if self.family == 6
                     else IP(src=self.gateway, dst=self.address, proto=50))
            inner = self.sa_in.decrypt(layer.__class__(bytes(layer / esp)), esn_en=True, esn=0)
            return Message(bytes(inner[UDP].payload))
        return None

    def ask(self, data, seconds=ANSWER_S):
        self.send(data)
        return self.answer_to(data, self.receive, seconds)

    def register(self, expires=300, to=None, contact=None, lines=(), aor=None, instance=None):
        """REGISTER through the SA; returns the answer, a Message."""
        return self.ask(self.registration(expires, to, contact, lines, aor, instance))

    def registration(self, expires=300, to=None, contact=None, lines=(), aor=None, instance=None):
        """The bytes of a REGISTER for the SA.

        aor is another identity of the subscriber; instance tells his terminals apart.
        """
        user = self.subscriber.split("@")[0]
        aor = aor or self.subscriber
        urn = hashlib.md5((instance or self.subscriber).encode()).hexdigest()
        return self.request(
            "REGISTER", f"sip:{self.domain}", to=to or f"sip:{aor}", sender=f"sip:{aor}",
            lines=[f"Contact: <{contact or f'sip:{user}@{self.inner}'}>"
                   f';+sip.instance="<urn:uuid:{urn}>"',
                   f"Expires: {expires}", *lines])
