#!/usr/bin/python3
"""Certificates with three CAs between leaf and root: too long for a datagram, so they come by TCP.

         t1 ------- to-t1 +--------+ to-gwa ------- gwa  abc.com
     user-a@abc.com       | router |
   (leaf and three CAs)   +--------+
         t3 ------- to-t3     |
     user-c@abc.com ----------+
   (password; strangers, and who holds the door)

The gateway knows the root alone, and later shows a chain of its own. CAs, leaves and lists are
pyca's.
"""

import contextlib
import datetime
import pathlib
import select
import socket
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
from certified_stranger import CertifiedStranger
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (Encoding, NoEncryption, PrivateFormat)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from sekisho_flow import Scenario
from stranger import SIP_PORT, Message, Netns, Refused
from topology import SINGLE_GATEWAY, comes_true, wait_until

USER_A, USER_C = "user-a@abc.com", "user-c@abc.com"
PASSWORD = "correct horse c"
RELOAD_S = 30
TOLD_S = 20
LIFE_S = 10  # of a connection, whatever it does
PER_SOURCE = 8
BURST = 16  # connections of a source at once; then one in 4 s


SIGNS = "key_cert_sign", "crl_sign"


def key_usage(*bits):
    """The extension with these bits set, by pyca's names for them."""
    names = ("digital_signature", "content_commitment", "key_encipherment", "data_encipherment",
             "key_agreement", "key_cert_sign", "crl_sign", "encipher_only", "decipher_only")
    return x509.KeyUsage(**{name: name in bits for name in names})


class Ca:
    """One of a line of CAs, with its revocation list. days: when it is good, from now; further are
    extensions that it has, too."""

    def __init__(self, name, above=None, key=None, days=(-1, 5), is_ca=True, usage=SIGNS,
                 further=()):
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        self.key = key or ec.generate_private_key(ec.SECP256R1())
        self.above = above
        self.revoked = []
        issuer = above or self
        builder = (x509.CertificateBuilder().subject_name(self.name).issuer_name(issuer.name)
                   .public_key(self.key.public_key())
                   .add_extension(x509.BasicConstraints(is_ca, None), critical=True)
                   .add_extension(key_usage(*usage), critical=True))
        for extension in further:
            builder = builder.add_extension(extension, critical=True)
        self.certificate = self._sign(builder, issuer.key, days)

    @staticmethod
    def _sign(builder, key, days):
        now = datetime.datetime.now(datetime.timezone.utc)
        return (builder.serial_number(x509.random_serial_number())
                .not_valid_before(now + datetime.timedelta(days=days[0]))
                .not_valid_after(now + datetime.timedelta(days=days[1])).sign(key, hashes.SHA256()))

    def chain(self):
        """From here up to below the root."""
        return [] if self.above is None else [self.certificate, *self.above.chain()]

    def issue(self, folder, file, name, usage, days=(-1, 5), further=()):
        """Files of a leaf with all above it but the root."""
        key = ec.generate_private_key(ec.SECP256R1())
        builder = (x509.CertificateBuilder().subject_name(x509.Name([])).issuer_name(self.name)
                   .public_key(key.public_key())
                   .add_extension(x509.SubjectAlternativeName([name]), critical=True)
                   .add_extension(x509.ExtendedKeyUsage(usage), critical=False))
        for extension in further:
            builder = builder.add_extension(extension, critical=True)
        leaf = self._sign(builder, self.key, days)
        files = {"certificate": folder / f"{file}.pem", "key": folder / f"{file}.key"}
        files["certificate"].write_bytes(b"".join(
            one.public_bytes(Encoding.PEM) for one in (leaf, *self.chain())))
        files["key"].write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8,
                                                   NoEncryption()))
        files["key"].chmod(0o600)
        return leaf, files

    def list(self):
        now = datetime.datetime.now(datetime.timezone.utc)
        made = (x509.CertificateRevocationListBuilder().issuer_name(self.name)
                .last_update(now - datetime.timedelta(minutes=1))
                .next_update(now + datetime.timedelta(days=1)))
        for serial in self.revoked:
            made = made.add_revoked_certificate(
                x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(now).build())
        return made.sign(self.key, hashes.SHA256()).public_bytes(Encoding.PEM)


class StreamStranger(CertifiedStranger):
    """Exchanges by TCP (docs/protocol.md 1.13), and sends the CAs above his leaf along."""

    def __init__(self, netns, *node, certificate, **options):
        super().__init__(netns, *node, certificate=certificate, **options)
        end = b"-----END CERTIFICATE-----\n"
        self.above = [x509.load_pem_x509_certificate(part + end)
                      for part in certificate.read_bytes().split(end)[1:-1]]
        self.netns = netns
        self.stream = None

    def request(self, method, *rest, **options):
        made = super().request(method, *rest, **options)
        return made.replace(b"SIP/2.0/UDP", b"SIP/2.0/TCP") if self.stream else made

    def ask_clear(self, data, seconds=20.0, tries=1):
        self.stream.sendall(data)
        self.stream.settimeout(seconds)
        answer = b""
        while b"\r\n\r\n" not in answer:
            answer += self.stream.recv(1)
        length = int(Message(answer).one("Content-Length"))
        while length > 0:
            answer += (piece := self.stream.recv(length))
            length -= len(piece)
        return Message(answer)

    def meet(self, bare):
        """The leaf of what is shown; whoever signed it, the gateway's proof shows that it has
        it."""
        size = int.from_bytes(bare.body[2:4], "big") + 4
        self.known = x509.load_der_x509_certificate(bare.body[:size])

    def third(self, second, **options):
        """The same statement over the leaf; what is sealed ends with the CAs, each as it is."""
        return super().third(second, along=b"".join(map(self._der, self.above)), **options)

    def attach(self, **options):
        with Netns(self.netns):
            self.stream = socket.create_connection(
                (self.gateway, SIP_PORT), timeout=20,
                source_address=(self.address, 0))
        try:
            return super().attach(**options)
        finally:
            self.stream.close()
            self.stream = None


class Play:
    def __init__(self, run):
        self.run = run
        root = Ca("the root of everything")
        country = Ca("the CA of a country", root, rsa.generate_private_key(65537, 4096))
        city = Ca("the CA of a city", country, rsa.generate_private_key(65537, 3072))
        self.cas = [root, country, city, Ca("the CA of a street", city)]
        self.root = run.directory / "root.pem"
        self.root.write_bytes(root.certificate.public_bytes(Encoding.PEM))
        self.crl = run.directory / "lists.pem"
        self.lists_write()
        self.leaf, self.a = self.cas[-1].issue(
            run.directory, USER_A, x509.UniformResourceIdentifier(f"sip:{USER_A}"),
            [ExtendedKeyUsageOID.CLIENT_AUTH])
        _, short = root.issue(run.directory, "short", x509.DNSName("abc.com"),
                              [ExtendedKeyUsageOID.SERVER_AUTH])
        self.gateway = run.gateway("gwa", "abc.com", certificates={
            **short, "ca": self.root, "crl": self.crl}, cdr=run.directory / "records")

    def lists_write(self):
        fresh = self.crl.with_suffix(".new")
        fresh.write_bytes(b"".join(ca.list() for ca in self.cas))
        fresh.rename(self.crl)

    def log(self):
        return (self.run.topology.log_dir / "gwa-controlplane.log").read_text(errors="replace")

    def counters(self):
        return self.gateway.show("status")["tcp"]

    def terminal_of_ours(self):
        """Attaches by TCP, calls, and renews its keys by the same chain inside the SA."""
        run, gateway = self.run, self.gateway
        size = len(self.a["certificate"].read_bytes())
        run.check(f"leaf and CAs ({size} bytes of PEM) are more than a datagram", size > 4000)
        one = run.terminal("t1", gateway, USER_A, None, **{**self.a, "trust-anchor": self.root})
        one.start()
        run.check("our terminal registers by its chain", one.wait_for("registered"))
        run.check("it came by TCP", self.counters()["opened"] >= 1, self.counters())
        wait_until(lambda: self.counters()["open"] == 0, TOLD_S, "and left the door behind it")
        two = run.terminal("t3", gateway, USER_C, PASSWORD, **{"auto-answer": True})
        two.start()
        run.check("another registers by password", two.wait_for("registered"))
        run.check("they call each other", one.is_done("call", USER_C))
        opened = self.counters()["opened"]
        run.check("new keys by the chain, in the call and in the SA", one.is_done("rekey"))
        run.equal("for which nobody came to the door", self.counters()["opened"], opened)
        run.check("the call ends", one.is_done("hangup"))
        run.check("a message passes under them", one.is_done("message", USER_C, "hello"))
        two.stop()
        return one

    def stranger(self, node="t3", **options):
        net = self.run.topology
        return StreamStranger(net.netns(node), net.nodes[node], net.nodes["gwa"], "abc.com",
                              authority=self.root, **options)

    def strangers(self):
        """Written from the protocol's page alone."""
        stranger = self.stranger(**self.a)
        fields = stranger.attach()
        self.run.equal("a stranger attaches by TCP, mode", fields["mode"], "transport")
        self.run.equal("its address inside is the one it said", fields["inner"], stranger.inner)
        stranger.subscriber = USER_A
        answer = stranger.register(instance="stranger")
        self.run.equal("and registers through the SA", answer and answer.status, 200)
        answer = stranger.register(expires=0, instance="stranger")
        self.run.equal("and leaves", answer and answer.status, 200)
        stranger.close()
        lacking = self.stranger(**self.a)
        lacking.above = lacking.above[:1] + lacking.above[2:]
        try:
            lacking.attach()
            self.run.check("a chain with a gap is refused", False)
        except Refused as error:
            self.run.equal("a chain with a gap is refused", error.message.status, 403)
        wait_until(lambda: "unable to get local issuer certificate" in self.log(),
                   TOLD_S, "the log says why")
        lacking.close()

    def says(self, what, words):
        self.run.check(f"{what}: the log says so",
                       comes_true(lambda: words in self.log(), TOLD_S),
                       self.log().splitlines()[-8:])

    def revoked(self, terminal):
        """The last CA revokes the leaf, then the first one the second."""
        self.cas[-1].revoked.append(self.leaf.serial_number)
        self.lists_write()
        wait_until(lambda: not self.gateway.show("sas"), RELOAD_S, "revoked: the SA ends")
        self.says("revoked", f"of {USER_A} ends: its certificate is revoked")
        self.cas[-1].revoked.clear()
        self.lists_write()
        terminal.stop()
        terminal.start()
        self.run.check("no longer revoked it registers again", terminal.wait_for("registered"))
        self.cas[0].revoked.append(self.cas[1].certificate.serial_number)
        self.lists_write()
        wait_until(lambda: not self.gateway.show("sas"), RELOAD_S, "a CA revoked: the SA ends")
        self.says("a CA revoked", f"of {USER_A} ends: a CA of its certificate is revoked")
        self.cas[0].revoked.clear()
        self.lists_write()
        terminal.stop()

    def connect(self, node):
        net = self.run.topology
        with Netns(net.netns(node)):
            return socket.create_connection((net.nodes["gwa"].address(), SIP_PORT), timeout=20)

    @staticmethod
    def is_closed(connection, seconds):
        """Has the other side closed it by then? What it said before does not count."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            if not select.select([connection], [], [], left)[0]:
                return False
            try:
                if not connection.recv(4096):
                    return True
            except ConnectionError:
                return True
        return False

    def door_is_held(self):
        """Slow ones, many of one source, garbage: bounded, and others come in meanwhile."""
        run, before = self.run, self.counters()
        slow = [self.connect("t1") for _ in range(PER_SOURCE)]
        one_more = self.connect("t1")
        run.check("one more of the same source is shown out at once",
                  self.is_closed(one_more, LIFE_S / 2))
        begun = time.monotonic()
        for connection in slow:
            connection.sendall(b"REGISTER sip:abc.com SIP/2.0\r\n")
        stranger = self.stranger(**self.a)
        run.equal("another comes in meanwhile", stranger.attach()["level"], "3")
        stranger.close()
        alive = list(slow)
        while alive and time.monotonic() - begun < LIFE_S + TOLD_S:
            for connection in list(alive):
                try:
                    connection.sendall(b"X")
                except ConnectionError:
                    alive.remove(connection)
                    continue
                if self.is_closed(connection, 0.05):
                    alive.remove(connection)
        took = time.monotonic() - begun
        run.check(f"who says a byte at a time is out after {LIFE_S} s (it took {took:.1f} s)",
                  not alive and took > LIFE_S - 3, alive)
        for garbage in (b"GET / HTTP/1.1\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00" * 40,
                        b"REGISTER sip:abc.com SIP/2.0\r\nContent-Length: 99999\r\n\r\n"):
            connection = self.connect("t3")
            connection.sendall(garbage)
            if not self.is_closed(connection, 1):
                with contextlib.suppress(ConnectionError):  # it may be closed meanwhile
                    connection.sendall(b"y" * 20000)
            run.check(f"{garbage[:12]!r} is shown out", self.is_closed(connection, TOLD_S))
            connection.close()
        connection = self.connect("t3")
        connection.sendall(b"OPTIONS sip:abc.com SIP/2.0\r\nVia: SIP/2.0/TCP h;branch=z9hG4bKx\r\n"
                           b"From: <sip:a@abc.com>;tag=1\r\nTo: <sip:abc.com>\r\nCall-ID: c\r\n"
                           b"CSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n")
        answer = connection.recv(2000)
        run.check("what is no key exchange gets 403", answer.startswith(b"SIP/2.0 403 "), answer)
        connection.close()
        after = self.counters()
        run.check("the operator sees it counted",
                  after["refused"] > before["refused"] and after["bad"] >= before["bad"] + 3 and
                  after["late"] >= before["late"] + PER_SOURCE, after)
        for connection in (*slow, one_more):
            connection.close()

    def gateway_with_a_chain(self):
        """A terminal that knows the root alone believes a gateway whose CAs come along."""
        run, gateway = self.run, self.gateway
        _, long = self.cas[-1].issue(run.directory, "long", x509.DNSName("abc.com"),
                                     [ExtendedKeyUsageOID.SERVER_AUTH])
        gateway.kill_controlplane()
        gateway.settings["certificates"] = {**long, "ca": self.root, "crl": self.crl}
        gateway.start_controlplane()
        two = run.terminals["t3"]
        two.settings = {"gateway-proof": "certificate", "trust-anchor": self.root}
        two.start()
        run.check("a terminal with a password believes the gateway by its chain",
                  two.wait_for("registered"))
        two.stop()


def main():
    with Scenario(SINGLE_GATEWAY, families=(6,)) as run:
        play = Play(run)
        play.gateway.start()
        play.gateway.ctl("subscriber", "add", USER_A, "--certificate")
        play.gateway.add_subscriber(USER_C, PASSWORD)
        play.gateway.ctl("policy", "add", 10, "allow", "@abc.com", "@abc.com", "any")
        terminal = play.terminal_of_ours()
        play.strangers()
        play.revoked(terminal)
        play.door_is_held()
        play.gateway_with_a_chain()
    return run.status


if __name__ == "__main__":
    sys.exit(main())
