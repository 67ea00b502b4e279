#!/usr/bin/python3
"""What a CA may not sign, nobody takes from it: sub-CAs with name constraints, and certificates
that do not hold for another reason, of terminals and of gateways. The operator reads why.

         t1 ------- to-t1 +--------+ to-gwa ------- gwa  abc.com
     user-a@abc.com       | router |
         t2 ------- to-t2 +--------+ to-gwb ------- gwb  xyz.com
     strangers by TLS

One root; a sub-CA for each purpose. A whole gateway is gwb once with a good certificate and once
with one that its CA may not sign; for the other faults a TLS client stands at t2, the certificate
in its hand.
"""

import json
import pathlib
import socket
import ssl
import struct
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
from certified_stranger import Refused
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID as Purpose
from flow_long_chain import Ca, StreamStranger, key_usage
from sekisho_flow import Scenario
from stranger import Netns
from topology import comes_true, wait_until
from two_domains import NODES

USER_A = "user-a@abc.com"
TLS_PORT = 5061
LINKED_S = 15.0
BOTH = [Purpose.CLIENT_AUTH, Purpose.SERVER_AUTH]


def permitted(*names):
    return x509.NameConstraints(list(names), None)


def excluded(*names):
    return x509.NameConstraints(None, list(names))


class Play:
    def __init__(self, run):
        self.run, self.folder = run, run.directory
        self.root = Ca("the root")
        uri, dns = x509.UniformResourceIdentifier, x509.DNSName
        self.cas = {name: Ca(name, self.root, **options) for name, options in {
            "for abc.com": {"further": [permitted(uri("abc.com"), dns("abc.com"))]},
            "for xyz.com": {"further": [permitted(uri("xyz.com"), dns("xyz.com"))]},
            "not for ours": {"further": [excluded(uri("abc.com"), dns("xyz.com"))]},
            "free": {},
            "past": {"days": (-5, -1)},
            "to come": {"days": (1, 5)},
            "none": {"is_ca": False},
            "for lists only": {"usage": ("crl_sign",)},
        }.items()}
        self.root_file, self.lists = self.folder / "root.pem", self.folder / "lists.pem"
        self.peers_file = self.folder / "peers.pem"  # root and lists, as tls.ca has both in one
        self.lists_write()
        self.count = 0
        self.gateway, self.other = self.gateways()

    def lists_write(self):
        lists = b"".join(ca.list() for ca in (self.root, *self.cas.values()))
        root = self.root.certificate.public_bytes(Encoding.PEM)
        for path, text in ((self.root_file, root), (self.lists, lists),
                           (self.peers_file, root + lists)):
            fresh = path.with_suffix(".new")
            fresh.write_bytes(text)
            fresh.rename(path)

    def leaf(self, ca, name, usage, **options):
        self.count += 1
        return self.cas[ca].issue(self.folder, f"leaf-{self.count}", name, usage, **options)

    def tls(self, node, certificate):
        return {"certificate": certificate["certificate"], "key": certificate["key"],
                "ca": self.peers_file, "listen": [self.run.topology.nodes[node].address()]}

    def gateways(self):
        _, own = self.leaf("for abc.com", x509.DNSName("abc.com"), BOTH)
        _, theirs = self.leaf("for xyz.com", x509.DNSName("xyz.com"), BOTH)
        a = self.run.gateway("gwa", "abc.com", tls=self.tls("gwa", own), certificates={
            **own, "ca": self.root_file, "crl": self.lists})
        b = self.run.gateway("gwb", "xyz.com", tls=self.tls("gwb", theirs), peers=[a])
        return a, b

    def log(self, node="gwa"):
        return (self.run.topology.log_dir / f"{node}-controlplane.log").read_text(errors="replace")

    def told(self, sentence, before, node="gwa"):
        self.run.check(f"      and {node}'s log says: {sentence}",
                       comes_true(lambda: sentence in self.log(node)[before:], 5),
                       self.log(node)[before:].splitlines())

    # Terminals

    def stranger(self, files):
        net = self.run.topology
        return StreamStranger(net.netns("t1"), net.nodes["t1"], net.nodes["gwa"], "abc.com",
                              authority=self.root_file, **files)

    def terminal(self, sentence, why, ca, usage=Purpose.CLIENT_AUTH, **options):
        """One terminal with such a certificate; why: of its refusal, None if it is to be let in."""
        _, files = self.leaf(ca, x509.UniformResourceIdentifier(f"sip:{USER_A}"), [usage],
                             **options)
        before, stranger = len(self.log()), self.stranger(files)
        try:
            status = 200 if stranger.attach()["level"] == "3" else None
        except Refused as error:
            status = error.message and error.message.status
        self.run.equal(f"terminal: {sentence}", status, 403 if why else 200)
        if why:
            self.told(why, before)
        stranger.close()

    def terminals(self):
        self.terminal("a sub-CA for its domain signs one of it", None, "for abc.com")
        self.terminal("a sub-CA without constraints, too", None, "free")
        self.terminal("a sub-CA for another domain signs one of ours",
                      "permitted subtree violation",
                      "for xyz.com")
        self.terminal("a sub-CA for all but ours signs one of ours", "permitted subtree violation",
                      "not for ours")
        self.terminal("not yet valid", "certificate is not yet valid", "free", days=(1, 5))
        self.terminal("expired", "certificate has expired", "free", days=(-5, -1))
        self.terminal("for a server", "unsuitable certificate purpose", "free",
                      usage=Purpose.SERVER_AUTH)
        self.terminal("a key for something else than signatures", "unsuitable certificate purpose",
                      "free", further=[key_usage("key_encipherment")])
        self.terminal("its CA has expired", "certificate has expired", "past")
        self.terminal("its CA is not yet valid", "certificate is not yet valid", "to come")
        self.terminal("its CA is none", "invalid CA certificate", "none")
        self.terminal("its CA's key is not for certificates", "invalid CA certificate",
                      "for lists only")

    # Gateways

    def hello(self, files, domain="xyz.com"):
        """A TLS client at t2 with this certificate; says hello and waits for the end."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.load_verify_locations(self.root_file)
        context.load_cert_chain(files["certificate"], files["key"])
        context.set_alpn_protocols(["sekisho/1"])
        text = json.dumps({"type": "hello", "domain": domain, "gateway": 9, "workers": 1}).encode()
        net = self.run.topology
        with Netns(net.netns("t2")):
            plain = socket.create_connection((net.nodes["gwa"].address(), TLS_PORT), timeout=5)
        try:
            with context.wrap_socket(plain) as link:
                link.sendall(struct.pack(">I", len(text)) + text)
                while link.recv(4096):
                    pass
            return True
        except (ssl.SSLError, ConnectionError):
            return True
        except TimeoutError:
            return False

    def stranger_at_tls(self, sentence, why, ca, name="xyz.com", usage=BOTH, is_revoked=False,
                        **options):
        leaf, files = self.leaf(ca, x509.DNSName(name), usage, **options)
        if is_revoked:
            self.cas[ca].revoked.append(leaf.serial_number)
            self.lists_write()
            self.gateway.ctl("configure", "commit")
        before = len(self.log())
        self.run.check(f"gateway: {sentence}: the connection is ended", self.hello(files))
        self.told(f"ended before it was known whose it is: {why}", before)

    def strangers_at_tls(self):
        refused = "its certificate was refused: "
        for sentence, why, ca, options in (
                ("a sub-CA for another domain", refused + "permitted subtree violation",
                 "for abc.com", {}),
                ("a sub-CA for all but this one", refused + "excluded subtree violation",
                 "not for ours", {}),
                ("not yet valid", refused + "certificate is not yet valid", "free",
                 {"days": (1, 5)}),
                ("expired", refused + "certificate has expired", "free", {"days": (-5, -1)}),
                ("its CA has expired", refused + "certificate has expired", "past", {}),
                ("its CA is none", refused + "invalid CA certificate", "none", {}),
                ("for a server alone", refused + "unsuitable certificate purpose", "free",
                 {"usage": [Purpose.SERVER_AUTH]}),
                ("a key for something else", refused + "unsuitable certificate purpose", "free",
                 {"further": [key_usage("key_encipherment")]}),
                ("of another name", "hostname mismatch", "free", {"name": "elsewhere.com"}),
                ("revoked", "certificate revoked", "free", {"is_revoked": True})):
            self.stranger_at_tls(sentence, why, ca, **options)
        self.run.equal("no SA came of any of them", [
            row for row in self.gateway.show("sas") if row["owner"] == "peer"], [])

    def is_linked(self):
        return all(peer["state"] == "up" and peer["sas_out"]
                   for gateway in (self.gateway, self.other)
                   for peer in gateway.show("peers"))

    def whole_gateways(self):
        """gwb comes up with what its CA may sign, and again with what it may not."""
        self.other.start()
        wait_until(self.is_linked, LINKED_S, "gateways by constrained sub-CAs are linked")
        self.run.check("gateways by sub-CAs for their own domains are linked", True)
        self.other.kill_controlplane()
        _, outside = self.leaf("for abc.com", x509.DNSName("xyz.com"), BOTH)
        self.other.settings["tls"] = self.tls("gwb", outside)
        wait_until(lambda: self.gateway.show("peers")[0]["state"] != "up", LINKED_S,
                   "its link ends")
        before = len(self.log()), len(self.log("gwb"))
        self.other.start_controlplane()
        self.told("its certificate was refused: permitted subtree violation", before[0])
        self.told("the TLS connection that we began came to nothing: no TLS handshake", before[1],
                  "gwb")
        self.run.check("neither has a link", all(peer["state"] != "up" for gateway in (
            self.gateway, self.other) for peer in gateway.show("peers")))


def main():
    run = Scenario(NODES, families=(6,))
    with run:
        play = Play(run)
        play.gateway.start()
        play.gateway.ctl("subscriber", "add", USER_A, "--certificate")
        play.terminals()
        play.strangers_at_tls()
        play.whole_gateways()
    return run.status


if __name__ == "__main__":
    sys.exit(main())
