#!/usr/bin/python3
"""Attaching by certificate: who has one gets in, who is revoked does not, and nobody learns why.

         t1 ------- to-t1 +--------+ to-gwa ------- gwa  abc.com
     user-a@abc.com       | router |
      (certificate)       +--------+
         t3 ------- to-t3     |
     user-c@abc.com ----------+
   (password, and the gateway by certificate)

The strangers (certified_stranger.py) are written from docs/protocol.md; the authority is
sekishoctl's.
"""

import datetime
import json
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
from certified_stranger import CertifiedStranger, Refused
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import (Encoding, NoEncryption, PrivateFormat,
                                                          load_pem_private_key)
from cryptography.x509.oid import ExtendedKeyUsageOID
from sekisho_flow import Scenario
from topology import SINGLE_GATEWAY, comes_true, run as execute, wait_until

USER_A, USER_B, USER_C, USER_D = (f"user-{letter}@abc.com" for letter in "abcd")
NOBODY = "nobody@abc.com"
PASSWORD = "correct horse c"
RELOAD_S = 30
TOLD_S = 20  # in which the log has what the operator is told
FLOOD = 60
LOOKED_AT = 30  # at once a source has 16, and more with time
SILENT_S = 0.5  # in which what must not come would have come
BRIEF_S = 8  # the life of a certificate that ends


class Authority:
    """A CA of sekishoctl's in a folder."""

    def __init__(self, run, name, *options):
        self.program = run.program("controlplane/cli/sekishoctl")
        self.folder = run.directory / name
        self.ctl("init", self.folder, *options)

    def ctl(self, *words):
        execute([self.program, "ca", *words])

    def issue(self, name):
        self.ctl("issue", self.folder, name)
        return {"certificate": self.folder / f"{name}.pem", "key": self.folder / f"{name}.key"}

    def revoke(self, name):
        self.ctl("revoke", self.folder, name)

    def odd(self, file, uri, usage=ExtendedKeyUsageOID.CLIENT_AUTH, days=(-2, 2), key=None):
        """A certificate by this CA as pyca makes it, with whatever is to be odd."""
        key = key or ec.generate_private_key(ec.SECP256R1())
        ca = x509.load_pem_x509_certificate((self.folder / "ca.pem").read_bytes())
        ca_key = load_pem_private_key((self.folder / "ca.key").read_bytes(), None)
        now = datetime.datetime.now(datetime.timezone.utc)
        made = (x509.CertificateBuilder().subject_name(x509.Name([])).issuer_name(ca.subject)
                .public_key(key.public_key()).serial_number(x509.random_serial_number())
                .not_valid_before(now + datetime.timedelta(days=days[0]))
                .not_valid_after(now + datetime.timedelta(days=days[1]))
                .add_extension(x509.SubjectAlternativeName(
                    [x509.UniformResourceIdentifier(uri)]), critical=True)
                .add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
                .sign(ca_key, hashes.SHA256()))
        files = {"certificate": self.folder / f"{file}.pem", "key": self.folder / f"{file}.key"}
        files["certificate"].write_bytes(made.public_bytes(Encoding.PEM))
        files["key"].write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8,
                                                   NoEncryption()))
        return files


class Play:
    def __init__(self, run):
        self.run = run
        self.authority = Authority(run, "terminals-authority", "--domain", "abc.com")
        self.other = Authority(run, "another-authority")
        own = self.authority.issue("abc.com")
        self.ca = self.authority.folder / "ca.pem"
        self.gateway = run.gateway("gwa", "abc.com", certificates={
            **own, "ca": self.ca, "crl": self.authority.folder / "ca.crl"},
            cdr=run.directory / "records")

    def stranger(self, node="t3", **options):
        net = self.run.topology
        return CertifiedStranger(net.netns(node), net.nodes[node], net.nodes["gwa"], "abc.com",
                                 authority=self.ca, **options)

    def log(self):
        return (self.run.topology.log_dir / "gwa-controlplane.log").read_text(errors="replace")

    def attaches(self, sentence, **options):
        stranger = self.stranger(**options)
        try:
            fields = stranger.attach()
            self.run.equal(f"{sentence}, level", fields["level"], "3")
            return stranger
        except Refused as error:
            self.run.check(f"{sentence} ({error})", False)
            stranger.close()
            return None

    def lives(self, stranger, subscriber):
        """An SA made so carries a registration and a request."""
        stranger.subscriber = subscriber
        answer = stranger.register()
        self.run.equal("and registers through the SA", answer and answer.status, 200)
        answer = stranger.ask(stranger.request("OPTIONS", "sip:abc.com"))
        self.run.equal("where a request passes", answer and answer.status, 200)
        answer = stranger.register(expires=0)
        self.run.equal("and leaves again", answer and answer.status, 200)
        stranger.close()

    def refused(self, sentence, reason, shapes, **options):
        """Refused with 403 and nothing else; the operator reads why."""
        before = len(self.log())
        stranger = self.stranger(**options)
        try:
            stranger.attach()
            self.run.check(f"{sentence} is refused", False)
        except Refused as error:
            answer = error.message
            self.run.equal(f"{sentence} is refused", answer and answer.status, 403)
            if answer:
                shapes[sentence] = [answer.first, answer.body] + [
                    (name, "echo" if name in ("Via", "From", "To", "Call-ID", "CSeq") else value)
                    for name, value in answer.headers]
        self.run.check(f"and the log says: {reason}",
                       comes_true(lambda: reason in self.log()[before:], TOLD_S),
                       self.log()[before:].splitlines())
        stranger.close()

    def strangers(self):
        a = self.authority.issue(USER_A)
        attached = self.attaches("a stranger attaches by certificate", **a)
        if attached:
            self.run.check("no message named the user",
                           all(USER_A.encode() not in bytes_ for bytes_ in
                               (attached.m1, attached.m3)))
            self.run.check("no message was longer than a datagram may be",
                           max(len(attached.m1), len(attached.m3)) <= 1232)
            self.lives(attached, USER_A)
        ed = self.authority.odd("ed25519", f"sip:{USER_B}",
                                key=ed25519.Ed25519PrivateKey.generate())
        attached = self.attaches("another with an Ed25519 key", **ed)
        if attached:
            self.lives(attached, USER_B)
        attached = self.attaches("a stranger with a password meets the gateway by certificate",
                                 subscriber=USER_C, password=PASSWORD)
        if attached:
            self.lives(attached, USER_C)

    def refusals(self):
        shapes = {}
        a, issue = self.authority.issue(USER_A), self.authority.issue
        self.refused("a certificate of another authority", "unable to get local issuer", shapes,
                     **self.other.issue(USER_A))
        self.refused("an expired one", "certificate has expired", shapes,
                     **self.authority.odd("expired", f"sip:{USER_A}", days=(-3, -1)))
        self.refused("one for another purpose", "unsuitable certificate purpose", shapes,
                     **self.authority.odd("purpose", f"sip:{USER_A}",
                                          usage=ExtendedKeyUsageOID.CODE_SIGNING))
        self.refused("one outside the authority's domain", "permitted subtree violation", shapes,
                     **self.authority.odd("outside", "sip:user-a@xyz.com"))
        self.refused("one of nobody", "there is no such subscriber", shapes, **issue(NOBODY))
        self.refused("one of somebody with a password", "attaches by password", shapes,
                     **issue(USER_C))
        self.refused("the certificate without its key", "not by the certificate's key", shapes,
                     certificate=a["certificate"], key=issue(USER_D)["key"])
        self.refused("a password for who has a certificate", "by certificate only", shapes,
                     subscriber=USER_A, password="guess")
        first = next(iter(shapes.values()), None)
        self.run.check(f"all {len(shapes)} answers are one",
                       len(shapes) == 8 and all(shape == first for shape in shapes.values()),
                       [f"{name}: {shape}" for name, shape in shapes.items()])

    def flood(self):
        """One with a certificate that does not hold: it is looked at a few times, and he alone waits."""
        bad = self.other.issue(USER_B)
        before = len(self.log())
        found = [self.attempted("t1", **bad) for _ in range(FLOOD)]
        looked_at = found.count(403)
        self.run.check(f"of {FLOOD} bad certificates few are looked at ({looked_at})",
                       0 < looked_at <= LOOKED_AT, found)
        self.run.equal("and the others are put off", found.count(503), FLOOD - looked_at)
        self.run.check("the operator is told so", comes_true(
            lambda: "its source was wrong about this subscriber too often" in self.log()[before:], TOLD_S),
            self.log()[before:].splitlines()[-5:])
        for sentence, user, options in (
                ("another at the same address attaches by certificate meanwhile", USER_A,
                 {"node": "t1", **self.authority.issue(USER_A)}),
                ("and he himself elsewhere", USER_B, self.authority.issue(USER_B)),
                ("and by password", USER_C, {"subscriber": USER_C, "password": PASSWORD})):
            attached = self.attaches(sentence, **options)
            if attached:
                self.lives(attached, user)

    def attempted(self, node, **options):
        """What became of one attempt: 200, a refusal's status, or None."""
        stranger = self.stranger(node, **options)
        try:
            stranger.attach()
            return 200
        except Refused as error:
            return error.message and error.message.status
        finally:
            stranger.close()

    def registered(self, sentence, subscriber, **options):
        """A stranger with an SA and a registration."""
        stranger = self.attaches(sentence, **options)
        stranger.subscriber = subscriber
        answer = stranger.register()
        self.run.equal("and registers", answer and answer.status, 200)
        return stranger

    def ends(self, sentence, stranger, reason, seconds=RELOAD_S):
        """SA, binding and location of a registered stranger end; the operator hears it twice."""
        name = stranger.subscriber
        wait_until(lambda: not any(row["who"] == name for row in self.gateway.show("sas")),
                   seconds, f"{sentence}: the SA ends")
        self.run.becomes(f"{sentence}: names that lead there", lambda: [
            row for row in self.gateway.show("registrations") if row["subscriber"] == name], [])
        self.run.check(f"{sentence}: nothing comes through it", stranger.ask(
            stranger.request("OPTIONS", "sip:abc.com"), seconds=SILENT_S) is None)
        self.run.check(f"{sentence}: the log says so",
                       comes_true(lambda: f" of {name} ends: {reason}" in self.log(), TOLD_S),
                       self.log().splitlines()[-8:])
        self.run.check(f"{sentence}: and a record", comes_true(
            lambda: any(record["subscriber"] == name and record["reason"] == reason
                        for record in self.records("sa-ended")), TOLD_S), self.records("sa-ended"))
        stranger.close()

    def records(self, event):
        lines = (self.run.directory / "records").read_text().splitlines()
        return [record for record in map(json.loads, lines) if record["event"] == event]

    def revocation(self):
        """Whoever is revoked is gone with the new list, and nobody else; also while nobody
        looked."""
        a, d = self.authority.issue(USER_A), self.authority.issue(USER_D)
        stays = self.registered("who stays attaches", USER_A, node="t1", **a)
        one = self.registered("who is to be revoked attaches", USER_D, **d)
        self.authority.revoke(USER_D)
        self.ends("revoked", one, "its certificate is revoked")
        answer = stays.ask(stays.request("OPTIONS", "sip:abc.com"))
        self.run.equal("revoked: another goes on", answer and answer.status, 200)
        self.refused("who is revoked", "certificate revoked", {}, **d)
        self.gateway.kill_controlplane()
        self.authority.revoke(USER_A)
        self.gateway.start_controlplane()
        self.ends("revoked while the control plane was away", stays, "its certificate is revoked")

    def ends_of_time(self):
        """An SA ends with its certificate; who is disabled or deleted loses his at once."""
        brief = self.authority.odd("brief", f"sip:{USER_B}", days=(-1, BRIEF_S / 86400))
        one = self.registered(f"one whose certificate is good for {BRIEF_S} s attaches", USER_B,
                              **brief)
        self.ends("expired", one, "its certificate has expired", BRIEF_S + RELOAD_S)
        for words, reason in (("disable", "the subscriber is disabled"),
                              ("delete", "the subscriber was deleted")):
            one = self.registered("another attaches", USER_B, **self.authority.issue(USER_B))
            self.gateway.ctl("subscriber", words, USER_B)
            self.ends(f"subscriber {words}", one, reason)
            if words == "disable":
                self.gateway.ctl("subscriber", "enable", USER_B)

    def terminals(self):
        run, gateway = self.run, self.gateway
        one = run.terminal("t1", gateway, USER_A, None, **{
            **self.authority.issue(USER_A), "trust-anchor": self.ca})
        one.start()
        run.check("our terminal registers by certificate", one.wait_for("registered"))
        two = run.terminal("t3", gateway, USER_C, PASSWORD, **{
            "gateway-proof": "certificate", "trust-anchor": self.ca, "auto-answer": True})
        two.start()
        run.check("one with a password meets the gateway by certificate",
                  two.wait_for("registered"))
        run.check("the first calls the second", one.is_done("call", USER_C))
        run.check("new keys by certificate, in the call", one.is_done("rekey"))
        run.check("the call ends under them", one.is_done("hangup"))
        run.check("a text passes back", two.is_done("message", USER_A, "hello"))
        two.stop()
        two.settings["trust-anchor"] = self.other.folder / "ca.pem"
        two.start()
        failed = two.wait_for("attach-failed", seconds=TOLD_S)
        run.equal("a gateway of another authority is told nothing",
                  failed and failed.get("reason"), "unable to get local issuer certificate")


def main():
    with Scenario(SINGLE_GATEWAY) as run:
        play = Play(run)
        play.gateway.start()
        for user in (USER_A, USER_B, USER_D):
            play.gateway.ctl("subscriber", "add", user, "--certificate")
        play.gateway.add_subscriber(USER_C, PASSWORD)
        play.gateway.ctl("policy", "add", 10, "allow", "@abc.com", "@abc.com", "any")
        play.strangers()
        play.refusals()
        play.revocation()
        play.flood()
        play.ends_of_time()
        play.terminals()
    return run.status


if __name__ == "__main__":
    sys.exit(main())
