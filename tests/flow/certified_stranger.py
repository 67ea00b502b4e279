"""A stranger (stranger.py) that attaches by certificate, or meets the gateway by certificate.

Written from docs/protocol.md 1.9 alone; certificates, signatures and chains are pyca's.
"""

import base64
import os
import struct

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.utils import (decode_dss_signature,
                                                             encode_dss_signature)
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import (Encoding, PublicFormat,
                                                          load_pem_private_key)
from stranger import (Message, Refused, Stranger, b64url, expand, hmac256, parameters, sha256,
                      un_b64url)

LONGEST = 1232


def sign(key, statement):
    """64 bytes: r and s of P-256, or Ed25519's own."""
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return key.sign(statement)
    r, s = decode_dss_signature(key.sign(statement, ec.ECDSA(hashes.SHA256())))
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def verify(key, signature, statement):
    """Raises InvalidSignature."""
    if isinstance(key, ed25519.Ed25519PublicKey):
        key.verify(signature, statement)
    else:
        r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
        key.verify(encode_dss_signature(r, s), statement, ec.ECDSA(hashes.SHA256()))


class CertifiedStranger(Stranger):
    """certificate and key are paths, or None for one who has a password; authority is a path."""

    def __init__(self, *node, certificate=None, key=None, authority=None, password=None,
                 subscriber="", **options):
        super().__init__(*node, subscriber, password, **options)
        self.certificate = x509.load_pem_x509_certificate(
            certificate.read_bytes()) if certificate else None
        self.key = load_pem_private_key(key.read_bytes(), None) if key else None
        self.authority = x509.load_pem_x509_certificate(authority.read_bytes())
        self.known = None  # the gateway's certificate

    def _name(self):
        return f"sip:anonymous@{self.domain}" if self.certificate else f"sip:{self.subscriber}"

    def first(self, suites="aes-128-gcm-16", share=None, pad=True, lines=(), cookie=None):
        self.private = X25519PrivateKey.generate()
        own = self.private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        self.nonce_i = os.urandom(32)
        known = "=" + b64url(sha256(self._der(self.known))) if self.known else ""
        lines = [
            f'Security-Client: sekisho-x25519;suites="{suites}";share={b64url(share or own)};'
            f'nonce={b64url(self.nonce_i)};address="{self.inner}"'
            + (";certificate" if self.certificate else "") + f";gateway-proof{known}",
            *([] if self.certificate else [self._authorization()]),
            *([f"Security-Cookie: {cookie}"] if cookie else []), *lines]
        self.cseq += 1
        build = lambda padding: self.request(
            "REGISTER", f"sip:{self.domain}", to=self._name(), sender=self._name(),
            cseq=self.cseq, branch=f"z9hG4bKfirst{self.cseq}x{self.call_id}",
            lines=[*lines, *padding])
        missing = LONGEST - len(build(["Security-Padding: "]))
        self.m1 = build(["Security-Padding: " + "0" * missing] if pad and not cookie else [])
        return self.m1

    def _authorization(self):
        self.scram_bare = f"n={self.subscriber},r={base64.b64encode(self.nonce_i).decode()}"
        data = base64.b64encode(f"p=sekisho-x25519,,{self.scram_bare}".encode()).decode()
        return f'Authorization: SCRAM-SHA-256 data="{data}"'

    @staticmethod
    def _der(certificate):
        return certificate.public_bytes(Encoding.DER)

    def meet(self, bare):
        """Takes the gateway's certificate out of a bare 401, if the authority signed it."""
        found = x509.load_der_x509_certificate(bare.body)
        self.authority.public_key().verify(found.signature, found.tbs_certificate_bytes,
                                           ec.ECDSA(found.signature_hash_algorithm))
        names = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        if self.domain not in names.get_values_for_type(x509.DNSName):
            raise ValueError("the certificate is another domain's")
        self.known = found

    def check_gateway(self, second):
        """Raises InvalidSignature if message 2 is not signed by the gateway we know."""
        bare = Message(second.without("Security-Cookie"))
        s12 = sha256(self.m1, bare.without("Gateway-Signature"))
        verify(self.known.public_key(), un_b64url(second.one("Gateway-Signature")),
               b"sekisho gateway signature\0" + s12)

    def third(self, second, spi=None, key=None, der=None, along=b""):
        self.check_gateway(second)
        if not self.certificate:
            return super().third(second, spi=spi)
        server = parameters(second.one("Security-Server"))
        self.suite = server["suite"]
        self.nonce_g = un_b64url(server["nonce"])
        z = self.private.exchange(X25519PublicKey.from_public_bytes(un_b64url(server["share"])))
        self.prk = hmac256(self.nonce_i + self.nonce_g, z)
        self.h12 = sha256(self.m1, second.without("Security-Cookie"))
        self.spi_in = spi or (0x100 + int.from_bytes(os.urandom(3), "big"))
        der = der or self._der(self.certificate)
        statement = (b"sekisho terminal signature\0" + self.h12 + sha256(der) +
                     struct.pack(">I", self.spi_in))
        plain = (f"signature={b64url(sign(key or self.key, statement))}\r\n"
                 f"spi={self.spi_in:08x}\r\n\r\n").encode() + der + along
        self.cseq += 1
        head = self.request(
            "REGISTER", f"sip:{self.domain}", to=self._name(), sender=self._name(),
            cseq=self.cseq, lines=[f"Security-Cookie: {second.one('Security-Cookie')}",
                                   "Content-Type: application/sekisho-sealed"],
            body=b"x" * (len(plain) + 16))[:-len(plain) - 16]
        key3 = expand(self.prk, b"sekisho message 3" + self.h12, 32)
        self.m3 = head + AESGCM(key3).encrypt(bytes(12), plain, head)
        self.h123 = sha256(self.h12, self.m3)
        return self.m3

    def check_proof(self, fields):
        """By certificate the gateway has signed; that message 4 opens is the rest of its proof."""
        if self.certificate:
            return "scram" not in fields
        return super().check_proof(fields)

    def to_second(self, **options):
        """Messages 1 and 2, the gateway's certificate fetched on the way if it is not known."""
        second = self.ask_clear(self.first(**options))
        if second and second.status == 401 and second.body:
            self.meet(second)
            second = self.ask_clear(self.first(cookie=second.one("Security-Cookie"), **options))
        if not second or second.status != 401 or not second.one("Security-Server"):
            raise Refused(second)
        return second

    def attach(self, **options):
        fourth = self.ask_clear(self.third(self.to_second(**options)))
        if not fourth or fourth.status != 200:
            raise Refused(fourth)
        return self.fourth(fourth)
