#!/usr/bin/python3
"""Call detail records: what both gateways write of a call, of refusals, and across faults.

         t1 ------- to-t1 +--------+ to-gwa ------- gwa  abc.com
     user-a@abc.com       | router |
         t2 ------- to-t2 +--------+ to-gwb ------- gwb  xyz.com
     user-b@xyz.com
"""

import json
import pathlib
import signal
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
from sekisho_flow import Scenario
from topology import comes_true, wait_until
from two_domains import DENIED, NODES, TwoDomains, USER_A, USER_B

WRITTEN_S = 20.0


class Records:
    def __init__(self, run, domains):
        self.run = run
        self.domains = domains
        self.a, self.b = domains.gateway_a, domains.gateway_b
        self.one, self.two = domains.terminal_1, domains.terminal_2

    @staticmethod
    def read(gateway, name="cdr"):
        path = gateway.directory / name
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []

    def wait(self, sentence, gateway, count):
        """Returns the records once there are `count`, after a check that there are no more."""
        comes_true(lambda: len(self.read(gateway)) >= count, WRITTEN_S)
        records = self.read(gateway)
        self.run.equal(sentence, len(records), count)
        return records

    def call_is_recorded(self):
        self.run.check("a call is answered", self.one.is_done("call", USER_B))
        self.run.check("and ended by terminal 2", self.two.is_done("hangup"))
        at_a = self.wait("gateway A has written start and end", self.a, 2)
        at_b = self.wait("gateway B has written start and end", self.b, 2)
        self.run.equal("of the same call, start first", [
            (record["event"], record["call_id"]) for record in at_a + at_b], [
            (event, at_a[0]["call_id"]) for event in ("start", "end")] * 2)
        self.run.equal("A's start says who and whom",
                       (at_a[0]["caller"], at_a[0]["callee"], at_a[0]["status"]),
                       (USER_A, USER_B, 200))
        self.run.equal("the answer came to A from its peer", (
            at_a[0]["came_by"]["kind"], at_a[0]["came_by"]["name"], at_a[0]["came_by"]["level"]),
            ("peer", "xyz.com", 3))
        self.run.equal("and went to terminal 1", at_a[0]["goes_to"]["address"],
                       f"[{self.one.node.address(6)}]:5060")
        self.run.equal("B's end came from terminal 2", (
            at_b[1]["came_by"]["address"], at_b[1]["caller"]),
            (f"[{self.two.node.address(6)}]:5060", USER_B))

    def refusal_is_recorded(self):
        self.run.equal("somebody denied is 404", self.one.status_of("call", DENIED), 404)
        refused = self.wait("gateway B has written the refusal", self.b, 3)[2]
        self.run.equal("with verdict and no way on",
                       (refused["event"], refused["status"], refused["caller"], refused["callee"],
                        refused["goes_to"]), ("refused", 404, USER_A, DENIED, None))

    def file_is_rotated(self):
        """What logrotate does: move the file, SIGHUP."""
        path = self.a.directory / "cdr"
        path.rename(self.a.directory / "cdr.1")
        self.a.controlplane.send(signal.SIGHUP)
        wait_until(path.exists, WRITTEN_S, "gateway A opens a new file")
        self.run.check("another call is answered", self.one.is_done("call", USER_B))
        self.wait("its start is in the new file", self.a, 1)
        self.run.equal("the old file is left alone", len(self.read(self.a, "cdr.1")), 2)

    def control_plane_was_away(self):
        self.a.kill_controlplane()
        self.run.check("the call is ended while the control plane of A is dead",
                       self.one.is_done("hangup"))
        self.a.start_controlplane()
        end = self.wait("its end is written when it is back", self.a, 2)[1]
        self.run.equal("nothing is missing", end["event"], "end")
        self.run.equal("the operator sees the state of the records",
                       {key: self.a.show("status")["cdr"][key] for key in ("lost", "state")},
                       {"lost": 0, "state": "in order"})


def main():
    run = Scenario(NODES, families=(6,))
    with run:
        domains = TwoDomains(run, cdr="cdr")
        records = Records(run, domains)
        domains.start_terminals(two=["--auto-answer"])
        records.call_is_recorded()
        records.refusal_is_recorded()
        records.file_is_rotated()
        records.control_plane_was_away()
    return run.status


if __name__ == "__main__":
    sys.exit(main())
