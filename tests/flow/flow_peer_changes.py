#!/usr/bin/python3
"""Peers and certificates are changed while a call goes on: nothing that stays is disturbed.

         t1 ------- to-t1 +--------+ to-gwa ------- gwa  abc.com
     user-a@abc.com       | router |
         t2 ------- to-t2 +--------+ to-gwb ------- gwb  xyz.com
     user-b@xyz.com
"""

import datetime
import json
import pathlib
import shutil
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
import configs
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key
from sekisho_flow import SOURCE, Scenario
from topology import comes_true, run as run_command, wait_until
from two_domains import NODES, TwoDomains, USER_B

BACK_S = 40.0


class Changes:
    def __init__(self, run, domains):
        self.run = run
        self.domains = domains
        self.gateway = domains.gateway_a
        self.other = domains.gateway_b
        self.one = domains.terminal_1

    def commit(self, peers=None, **settings):
        """Has gateway A run under its file with these peers and settings; returns what it says."""
        mapping = {**configs.controlplane(self.gateway), **settings}
        if peers is not None:
            mapping["peers"] = peers
        configs.write(self.gateway.directory / "controlplane.yaml", mapping)
        done = self.gateway.ctl("--json", "configure", "commit", check=False)
        self.gateway.settle()
        return json.loads(done.stdout) if done.returncode == 0 else done

    def peers(self):
        return configs.controlplane(self.gateway)["peers"]

    def sas(self):
        return sorted((row["index"], row["generation"]) for row in self.gateway.show("sas"))

    def shown_peers(self):
        return {peer["name"]: peer for peer in self.gateway.show("peers")}

    def served_certificate(self):
        """Returns the certificate that gateway A's TLS port shows to gateway B, as PEM."""
        done = run_command(self.run.topology.command(self.other.name, [
            "openssl", "s_client", "-connect", f"[{self.gateway.node.address()}]:5061",
            "-alpn", "sekisho/1", "-cert", self.other.certificate, "-key", self.other.key,
            "-CAfile", self.other.authority, "-showcerts"]), check=False, input="")
        begin, end = "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----"
        return done.stdout[done.stdout.find(begin):done.stdout.find(end) + len(end)]

    def peers_come_and_go(self):
        sas = self.sas()
        elsewhere = {"name": "new.com", "domains": ["new.com"], "addresses": ["2001:db8::5060"],
                     "dial": False}
        told = self.commit([elsewhere, *self.peers()])
        self.run.equal("a peer is added at once", told["state"], "committed")
        shown = self.shown_peers()
        self.run.equal("the one there was keeps its index, whatever stands before it",
                       (shown["xyz.com"]["index"], shown["new.com"]["index"]), (1, 2))
        self.commit([{**self.peers()[0], "trusted": True}])
        self.run.equal("another is gone", list(self.shown_peers()), ["xyz.com"])
        self.run.equal("every SA is the one it was", self.sas(), sas)

    def peer_is_taken_away_and_comes_back(self):
        self.commit([])
        self.run.equal("without a peer its domain is nobody's",
                       self.one.status_of("message", USER_B, "hello?"), 404)
        self.run.equal("none is shown", self.gateway.show("peers"), [])
        self.gateway.ctl("configure", "undo")
        wait_until(self.domains.is_linked, BACK_S, "the gateways have keyed each other again")
        self.run.check("after an undo messages pass again",
                       self.one.is_done("message", USER_B, "hello!"))

    def what_cannot_be_used_is_refused(self):
        sas = self.sas()
        told = self.commit(tls={**configs.controlplane(self.gateway)["tls"],
                                "key": self.other.key})
        self.run.check("a key of another certificate is refused with its reason",
                       told.returncode != 0 and "key values mismatch" in told.stderr,
                       [told.stderr])
        self.gateway.key.chmod(0o640)
        what_to_do = f"{self.gateway.key}: others than its owner may read it, and it holds a secret: chmod 600 it"
        told = self.commit()
        self.run.check("a key that its group may read is refused, with what to do about it",
                       told.returncode != 0 and what_to_do in told.stderr, [told.stderr])
        checked = run_command([self.run.program("controlplane/sekisho-controlplane"), "--config",
                               self.gateway.directory / "controlplane.yaml", "--check"], check=False)
        self.run.check("      and by a check of the file", checked.returncode != 0
                       and what_to_do in checked.stderr, [checked.stdout, checked.stderr])
        self.gateway.key.chmod(0o600)
        self.run.equal("      and taken once that is done", self.commit()["state"], "committed")
        self.run.equal("every SA is the one it was before", self.sas(), sas)
        self.run.check("and messages pass", self.one.is_done("message", USER_B, "still here"))

    def certificate_is_rotated(self):
        """New files under the old names, by the same authority."""
        sas, old = self.sas(), self.served_certificate()
        directory = self.run.directory / "next"
        directory.mkdir()
        for name in ("ca.pem", "ca.key"):
            shutil.copy(self.gateway.authority.parent / name, directory)
        run_command([SOURCE / "scripts/make-certificates", directory, "abc.com"])
        for suffix in ("pem", "key"):
            shutil.copy(directory / f"abc.com.{suffix}", self.gateway.certificate.parent)
        self.run.equal("until then it shows the old one", self.served_certificate(), old)
        self.commit()
        new = self.served_certificate()
        self.run.check("a commit reads the files again",
                       new != old and new in self.gateway.certificate.read_text(), [new])
        self.run.equal("every SA outlives it", self.sas(), sas)
        self.other.kill_controlplane()
        self.other.start_controlplane()
        wait_until(self.domains.is_linked, BACK_S, "the gateways meet under the new certificate")
        wait_until(lambda: self.sas() != sas, BACK_S, "the SAs have fresh keys")
        self.run.check("and messages pass by it", self.one.is_done("message", USER_B, "rotated"))


    def peer_is_revoked(self):
        """A list behind the CA in its file: what stands with the peer ends with the next commit."""
        ca_file = self.run.directory / "ca-with-list.pem"
        settings = {"tls": {**configs.controlplane(self.gateway)["tls"], "ca": ca_file}}
        ca_file.write_bytes(self.gateway.authority.read_bytes() + self.list_of())
        told = self.commit(**settings)
        self.run.equal("a CA file with a list that revokes nobody is taken", told["state"],
                       "committed")
        wait_until(self.domains.is_linked, BACK_S, "the gateways are linked under it")
        self.run.check("and messages pass", self.one.is_done("message", USER_B, "not revoked"))
        ca_file.write_bytes(self.gateway.authority.read_bytes() +
                            self.list_of(self.other.certificate))
        self.commit(**settings)
        wait_until(lambda: self.shown_peers()["xyz.com"]["state"] == "down" and not [
            row for row in self.gateway.show("sas") if row["owner"] == "peer"], BACK_S,
            "its link and its SAs end")
        self.run.equal("its domain gets 503", self.one.status_of("message", USER_B, "revoked"), 503)
        self.run.check("and it does not come back",
                       not comes_true(lambda: self.shown_peers()["xyz.com"]["state"] == "up", 4))
        ca_file.write_bytes(self.gateway.authority.read_bytes() + self.list_of())
        self.commit(**settings)
        wait_until(self.domains.is_linked, 2 * BACK_S, "no longer revoked it comes back")

    def list_of(self, revoked=None):
        """A list of the authority's with one certificate, or none, as PEM."""
        folder = self.gateway.authority.parent
        ca = x509.load_pem_x509_certificate(self.gateway.authority.read_bytes())
        key = load_pem_private_key((folder / "ca.key").read_bytes(), None)
        now = datetime.datetime.now(datetime.timezone.utc)
        made = (x509.CertificateRevocationListBuilder().issuer_name(ca.subject)
                .last_update(now - datetime.timedelta(minutes=1))
                .next_update(now + datetime.timedelta(hours=1)))
        if revoked:
            serial = x509.load_pem_x509_certificate(revoked.read_bytes()).serial_number
            made = made.add_revoked_certificate(
                x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(now).build())
        return made.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM)


def main():
    run = Scenario(NODES, families=(6,))
    with run:
        domains = TwoDomains(run)
        changes = Changes(run, domains)
        domains.start_terminals(two=["--auto-answer"])
        run.check("a call is answered", domains.terminal_1.is_done("call", USER_B))
        changes.peers_come_and_go()
        changes.what_cannot_be_used_is_refused()
        changes.certificate_is_rotated()
        changes.peer_is_taken_away_and_comes_back()
        run.check("the call, begun before all of that, is ended",
                  domains.terminal_1.is_done("hangup"))
        changes.peer_is_revoked()
    return run.status


if __name__ == "__main__":
    sys.exit(main())
