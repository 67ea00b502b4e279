#!/usr/bin/python3
r"""Two gateways of a domain on a cluster of two PostgreSQL servers, whose primary dies under them.

         t1 ------- to-t1 +--------+ to-gwa ------- gwa  abc.com, gateway 1 \ PostgreSQL, primary
     user-a@abc.com       | router |                                        |
         t2 ------- to-t2 +--------+ to-gwb ------- gwb  abc.com, gateway 2 / and its standby
     user-b@abc.com
"""

import pathlib
import signal
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
from postgres import Postgres
from sekisho_flow import Scenario
from topology import PATENT, comes_true, wait_until

USER_A, USER_B, NOBODY = "user-a@abc.com", "user-b@abc.com", "nobody@abc.com"
PEERS_S = 10.0
NOTICE_S = 30.0


class Failover:
    def __init__(self, run, primary, standby):
        self.run = run
        self.primary, self.standby = primary, standby
        settings = {
            "store": {"postgres": f"host={primary.directory},{standby.directory} dbname=postgres "
                                  f"user={primary.user} target_session_attrs=read-write"},
            "secrets": run.directory / "secrets"}
        self.first = run.gateway("gwa", "abc.com", gateway_id=1, host="a1", **settings)
        self.second = run.gateway("gwb", "abc.com", gateway_id=2, host="a2", peers=[self.first],
                                  **settings)
        self.both = (self.first, self.second)
        for gateway in self.both:
            gateway.start()
        wait_until(self.is_linked, PEERS_S, "the siblings have keyed each other")
        self.acknowledged = {USER_A, USER_B}
        self.first.add_subscriber(USER_A, "correct horse a")
        self.first.add_subscriber(USER_B, "correct horse b")
        self.first.ctl("policy", "add", 10, "allow", "@abc.com", "@abc.com", "any")
        self.one = run.terminal("t1", self.first, USER_A, "correct horse a")
        self.two = run.terminal("t2", self.second, USER_B, "correct horse b")
        self.one.start()
        self.two.start("--auto-answer")
        for terminal in (self.one, self.two):
            run.check(f"{terminal.aor} is registered", terminal.wait_for("registered"))
        self.becomes("a message passes from one gateway to the other",
                     lambda: self.one.is_done("message", USER_B, "are you there?"))

    def is_linked(self):
        return all(peers and all(peer["state"] == "up" and peer["sas_out"] for peer in peers)
                   for peers in (gateway.show("peers") for gateway in self.both))

    def becomes(self, sentence, is_so):
        if not self.run.check(sentence, comes_true(is_so, NOTICE_S)):
            print([gateway.show("store") for gateway in self.both])

    def states(self):
        return [gateway.show("store")["state"] for gateway in self.both]

    def add(self, gateway, aor):
        is_acknowledged = gateway.ctl("subscriber", "add", aor, "--password-stdin", check=False,
                                      secret="correct horse").returncode == 0
        if is_acknowledged:
            self.acknowledged.add(aor)
        return is_acknowledged

    @staticmethod
    def known(server):
        return set(server.sql("SELECT id FROM subscriber").splitlines())

    def primary_dies(self):
        self.run.equal("the second server is a standby",
                       self.standby.sql("SELECT pg_is_in_recovery()"), "t")
        for number in range(5):
            self.add(self.both[number % 2], f"early-{number}@abc.com")
        self.run.equal("five subscribers are acknowledged", len(self.acknowledged), 7)
        self.run.check("a call is answered", self.one.is_done("call", USER_B))
        self.primary.stop(signal.SIGQUIT)  # as if its power had failed
        self.becomes("both gateways say that the store fails",
                     lambda: self.states() == ["failed", "failed"])
        for gateway in self.both:
            self.becomes(f"the log of {gateway.name} says why", lambda gateway=gateway:
                         "cannot be reached" in gateway.controlplane.output())
        self.run.check("nothing is acknowledged meanwhile", not self.add(self.first, NOBODY))
        self.run.check("the call is ended", self.one.is_done("hangup"))
        self.run.check("and another answered", self.one.is_done("call", USER_B)
                       and self.one.is_done("hangup"))
        self.two.stop()
        self.two.start("--auto-answer")
        self.run.check("a terminal attaches anew", self.two.wait_for("registered"))

    def standby_takes_over(self):
        self.standby.promote()
        self.becomes("both gateways are with the standby", lambda: self.states() == ["good"] * 2)
        for gateway in self.both:
            self.becomes(f"the log of {gateway.name} says that it is over",
                         lambda gateway=gateway:
                         "the store is in order again" in gateway.controlplane.output())
        lost = self.acknowledged - self.known(self.standby)
        self.run.check(f"of {len(self.acknowledged)} acknowledged none is lost", not lost, lost)
        self.run.check("what was not acknowledged is not there",
                       NOBODY not in self.known(self.standby))
        self.becomes("where the terminals are registered stands there, too",
                     lambda: self.standby.sql("SELECT aor, gateway FROM location WHERE since_s > 0"
                                              " ORDER BY 1").splitlines() ==
                     [f"{USER_A}|1", f"{USER_B}|2"])

    def all_is_as_before(self):
        """What the operator says at one gateway holds at the other."""
        self.run.check("a subscriber is added at the second gateway",
                       self.add(self.second, "later@abc.com"))
        self.becomes("which the first knows", lambda: self.first.show("store")["subscribers"]
                     == self.second.show("store")["subscribers"] == len(self.acknowledged))
        self.run.check("a message passes", self.one.is_done("message", USER_B, "still there?"))
        self.second.ctl("policy", "add", 20, "deny", USER_A, USER_B, "MESSAGE")
        self.becomes("a rule added at the second holds at the first",
                     lambda: self.one.status_of("message", USER_B, "no?") is not None)


def main():
    run = Scenario(PATENT, families=(6,))
    with Postgres() as primary, Postgres(copy_of=primary) as standby, run:
        failover = Failover(run, primary, standby)
        failover.primary_dies()
        failover.standby_takes_over()
        failover.all_is_as_before()
    return run.status


if __name__ == "__main__":
    sys.exit(main())
