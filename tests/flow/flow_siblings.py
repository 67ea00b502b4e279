#!/usr/bin/python3
r"""Two gateways of one domain on one data base: a terminal of the first calls one of the second.

         t1 ------- to-t1 +--------+ to-gwa ------- gwa  abc.com, gateway 1 \
     user-a@abc.com       | router |                                        PostgreSQL
         t2 ------- to-t2 +--------+ to-gwb ------- gwb  abc.com, gateway 2 /
     user-b@abc.com
"""

import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
from postgres import Postgres
from sekisho_flow import Scenario
from topology import PATENT, comes_true, wait_until

USER_A, USER_B, LATER = "user-a@abc.com", "user-b@abc.com", "user-c@abc.com"
PEERS_S = 30.0
FOLLOW_S = 20.0


class Siblings:
    def __init__(self, run, server):
        self.run = run
        self.server = server
        settings = {"store": {"postgres": server.conninfo},
                    "secrets": run.directory / "secrets"}
        self.first = run.gateway("gwa", "abc.com", gateway_id=1, host="a1", **settings)
        self.second = run.gateway("gwb", "abc.com", gateway_id=2, host="a2", peers=[self.first],
                                  **settings)
        for gateway in (self.first, self.second):
            gateway.start()
        wait_until(self.is_linked, PEERS_S, "the siblings have keyed each other")
        # what the operator says at one of them holds at both
        self.first.add_subscriber(USER_A, "correct horse a")
        self.first.add_subscriber(USER_B, "correct horse b")
        self.first.ctl("policy", "add", 10, "allow", "@abc.com", "@abc.com", "any")
        self.one = run.terminal("t1", self.first, USER_A, "correct horse a")
        self.two = run.terminal("t2", self.second, USER_B, "correct horse b")

    def is_linked(self):
        return all(gateway.show("peers") and all(peer["state"] == "up" and peer["sas_out"]
                                                 for peer in gateway.show("peers"))
                   for gateway in (self.first, self.second))

    def rows(self):
        """Returns what the data base has of who is registered where."""
        return self.server.sql("SELECT aor, gateway FROM location WHERE since_s > 0"
                               " ORDER BY 1, 2").splitlines()

    def wait_rows(self, sentence, expected):
        self.run.becomes(sentence, self.rows, expected, FOLLOW_S)

    def starts(self):
        """Both register: user-b at a gateway where nobody added him."""
        self.one.start()
        self.two.start()
        for terminal in (self.one, self.two):
            self.run.check(f"{terminal.aor} is registered", terminal.wait_for("registered"))
        self.wait_rows("the data base says who is registered where",
                       [f"{USER_A}|1", f"{USER_B}|2"])

    def message_passes(self, sender, to, sentence):
        self.run.check(sentence, comes_true(
            lambda: sender.is_done("message", to, "are you there?"), FOLLOW_S))

    def calls(self):
        for caller, callee in ((self.one, self.two), (self.two, self.one)):
            begun = caller.begin("call", callee.aor)
            self.run.check(f"{callee.aor} hears the call of {caller.aor}",
                           callee.wait_for("incoming"))
            self.run.check("and answers", callee.is_done("answer"))
            status, said = caller.finish(begun)
            self.run.equal(f"the call is set up ({said})", status, 0)
            self.run.check("the callee ends it", callee.is_done("hangup"))
            self.run.check("the caller has seen the end", caller.wait_for("ended"))

    def goes_on_without_the_store(self):
        self.server.stop()
        for gateway in (self.first, self.second):
            wait_until(lambda: gateway.show("store")["state"] == "failed", FOLLOW_S,
                       f"{gateway.name} says that its store is gone")
        self.run.check("the operator reads a sentence about it in the log",
                       "changes are refused" in self.first.controlplane.output(),
                       self.first.controlplane.output().splitlines()[-5:])
        self.calls()
        refused = self.first.ctl("subscriber", "add", LATER, "--password-stdin", check=False,
                                 secret="correct horse c")
        self.run.check("a subscriber is not acknowledged while it is gone",
                       refused.returncode != 0, refused.stdout)
        self.run.check("a terminal registers while it is gone", self.one.is_done("register"))
        self.server.start()
        for gateway in (self.first, self.second):
            wait_until(lambda: gateway.show("store")["state"] == "good", 3 * FOLLOW_S,
                       f"{gateway.name} says that its store is back")
        self.run.equal("nothing that was acknowledged is lost",
                       self.server.sql("SELECT id FROM subscriber ORDER BY id").splitlines(),
                       [USER_A, USER_B])
        self.first.add_subscriber(LATER, "correct horse c")

    def control_plane_restarts(self):
        """The second is killed while its terminal leaves: the data base is set right."""
        self.second.kill_controlplane()
        self.message_passes(self.one, USER_B, "a message passes while a control plane is dead")
        self.second.start_controlplane()
        wait_until(self.is_linked, PEERS_S, "the siblings have found each other again")
        self.message_passes(self.one, USER_B, "and when it is back")

    def leaves(self):
        self.run.check("terminal 2 de-registers", self.two.is_done("deregister"))
        self.wait_rows("it is registered nowhere", [f"{USER_A}|1"])
        self.run.becomes("who is registered nowhere is answered 480",
                         lambda: self.one.status_of("message", USER_B, "gone?"), 480, FOLLOW_S)

    def disabled_is_out_everywhere(self):
        self.second.ctl("subscriber", "disable", USER_A)
        wait_until(lambda: not self.first.show("registrations"), FOLLOW_S,
                   "who is disabled at one gateway is out at the other")
        self.run.check("who is disabled at one gateway is out at the other", True)


def main():
    run = Scenario(PATENT, families=(6,))
    with Postgres() as server, run:
        siblings = Siblings(run, server)
        siblings.starts()
        siblings.calls()
        siblings.goes_on_without_the_store()
        siblings.control_plane_restarts()
        siblings.leaves()
        siblings.disabled_is_out_everywhere()
    return run.status


if __name__ == "__main__":
    sys.exit(main())
