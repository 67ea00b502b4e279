#!/usr/bin/python3
"""Control planes and data planes are killed in the middle of a call; the call goes on.

         t1 ------- to-t1 +--------+ to-gwa ------- gwa  abc.com
     user-a@abc.com       | router |
         t2 ------- to-t2 +--------+ to-gwb ------- gwb  xyz.com
     user-b@xyz.com
"""

import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
from sekisho_flow import Scenario
from topology import wait_until
from two_domains import NODES, PEERS_S, TwoDomains, USER_B


class Restart:
    def __init__(self, run, domains):
        self.run = run
        self.domains = domains
        self.gateway = domains.gateway_a
        self.one, self.two = domains.terminal_1, domains.terminal_2

    def registers_again(self):
        """Has a terminal had to register since it was asked last?"""
        return any(terminal.wait_for(event, seconds=0.2)
                   for terminal in (self.one, self.two) for event in ("attached", "gateway-lost"))

    def message_passes(self, sentence):
        self.run.check(f"a message passes {sentence}",
                       self.one.is_done("message", USER_B, "are you there?"))

    def linked_again(self, sentence):
        wait_until(self.domains.is_linked, PEERS_S, "the gateways have found each other again")
        self.message_passes(sentence)

    def control_plane_is_killed(self):
        """With the control plane gone everything goes on for known locations and ESP peers."""
        self.run.check("a call is answered", self.one.is_done("call", USER_B))
        before = sorted(row["identity"] for row in self.gateway.show("registrations"))
        self.gateway.kill_controlplane()
        self.message_passes("while the control plane of gateway A is dead")
        self.run.check("the call is ended while it is dead", self.one.is_done("hangup"))
        self.run.check("a new call is answered while it is dead", self.one.is_done("call", USER_B))
        self.gateway.start_controlplane()
        # it answers before the data plane has told it all
        self.run.becomes("the control plane that comes back knows who is registered",
                         lambda: sorted(row["identity"]
                                        for row in self.gateway.show("registrations")), before)
        self.run.check("the call that began meanwhile is ended by terminal 2",
                       self.two.is_done("hangup"))
        self.linked_again("when it is back")
        self.run.check("no terminal had to register again", not self.registers_again())

    def data_plane_is_killed(self):
        """No terminal has to register again; the windows and numbers are in the state file."""
        self.run.check("a call is answered", self.one.is_done("call", USER_B))
        self.gateway.kill_dataplane()
        self.gateway.start_dataplane()
        self.linked_again("when the data plane of gateway A is back")
        self.run.check("the call is ended after it", self.one.is_done("hangup"))
        self.run.check("no terminal had to register again", not self.registers_again())


def main():
    run = Scenario(NODES, families=(6,))
    with run:
        domains = TwoDomains(run)
        restart = Restart(run, domains)
        domains.start_terminals(two=["--auto-answer"])
        restart.data_plane_is_killed()
        restart.control_plane_is_killed()
    return run.status


if __name__ == "__main__":
    sys.exit(main())
