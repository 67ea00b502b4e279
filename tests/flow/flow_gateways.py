#!/usr/bin/python3
r"""A domain with two gateways loses the one that carries its calls, which go on over the other.

         t1 ------- to-t1 +--------+ to-gwa ------- gwa  abc.com
     user-a@abc.com       |        | to-gwb ------- gwb  b1.xyz.com \
         t2 ------- to-t2 | router |                                 PostgreSQL
     user-b@xyz.com       +--------+ to-gwc ------- gwc  b2.xyz.com /
"""

import pathlib
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
from postgres import Postgres
from sekisho_flow import Scenario
from topology import PATENT, Node, comes_true, wait_until

GWC = Node("gwc", "gateway", "2001:abce::5060", "2001:abce::1", "198.18.6.60", "198.18.6.1")
USER_A, USER_B = "user-a@abc.com", "user-b@xyz.com"
PEERS_S = 30.0
LEFT_S = 12.0   # a gateway that is lost is left within this
BACK_S = 60.0   # and is there again after it
ATTACH_S = 30.0 # a terminal is at the next gateway within this


class Gateways:
    def __init__(self, run, server):
        self.run = run
        shared = {"store": {"postgres": server.conninfo}, "secrets": run.directory / "secrets"}
        self.a = run.gateway("gwa", "abc.com")
        self.b1 = run.gateway("gwb", "xyz.com", gateway_id=1, host="b1", priority=1,
                              peers=[self.a], **shared)
        self.b2 = run.gateway("gwc", "xyz.com", gateway_id=2, host="b2", priority=2,
                              peers=[self.a, self.b1], **shared)
        self.all = [self.a, self.b1, self.b2]
        for gateway in self.all:
            gateway.start()
        wait_until(lambda: all(self.is_linked(gateway) for gateway in self.all), PEERS_S,
                   "the gateways have keyed each other")
        self.a.add_subscriber(USER_A, "correct horse a")
        self.b1.add_subscriber(USER_B, "correct horse b")
        for gateway in (self.a, self.b1):
            gateway.ctl("policy", "add", 10, "allow", "any", "any", "any")
        self.one = run.terminal("t1", self.a, USER_A, "correct horse a")
        self.two = run.terminal("t2", self.b1, USER_B, "correct horse b")
        self.two.settings = {
            "gateway": {"domain": "xyz.com",
                        "addresses": [self.b1.node.address(), self.b2.node.address()]},
            "keep-alive": "2s"}
        self.one.start()
        self.two.start("--auto-answer")
        for terminal in (self.one, self.two):
            run.check(f"{terminal.aor} is registered", terminal.wait_for("registered"))
        wait_until(lambda: self.is_reached(), PEERS_S, "a message passes")

    def is_reached(self):
        return self.one.is_done("message", USER_B, "are you there?")

    @staticmethod
    def is_linked(gateway):
        peers = gateway.show("peers")
        return len(peers) == 2 and all(peer["state"] == "up" and peer["sas_out"] for peer in peers)

    def states(self):
        return {peer["gateway"]: peer["state"] for peer in self.a.show("peers")}

    def packets(self, gateway):
        """Returns how many packets gateway A has sent to a gateway by the SAs in use."""
        return sum(sa["packets_out"] for sa in self.a.show("sas") if sa["who"] == gateway)

    def dies(self, gateway):
        gateway.kill_controlplane()
        gateway.kill_dataplane()
        return time.monotonic()

    def is_left(self, name, since):
        """Gateway A stops sending there, and says so."""
        is_left = comes_true(lambda: self.states()[name] not in ("up", "tls-down"), LEFT_S)
        self.run.check(f"{name} is left after {time.monotonic() - since:.1f} s",
                       is_left and self.states()[name] in ("lost", "down"), [self.states()])
        self.run.check("with a sentence in the log", comes_true(
            lambda: f"peer {name}: it does not answer" in self.a.controlplane.output()),
                       self.a.controlplane.output().splitlines()[-5:])
        # its sibling finds out for itself, at most a turn later
        wait_until(lambda: "lost" in [peer["state"] for peer in self.b2.show("peers")], 2 * LEFT_S,
                   "the sibling has noticed, too")
        begun = time.monotonic()
        status = self.one.status_of("message", USER_B, "and now?")
        self.run.check("a request meanwhile is answered at once, not left unanswered "
                       f"({status} after {time.monotonic() - begun:.2f} s)",
                       status in (None, 480, 503) and time.monotonic() - begun < 2)

    def attaches(self, since):
        registered = self.two.wait_for("registered", ATTACH_S)
        self.run.check(f"the terminal is at the other gateway after {time.monotonic() - since:.1f} s",
                       registered and time.monotonic() - since < ATTACH_S)

    def calls_outlive_their_gateway(self):
        """Two calls over b1, which dies; one is ended by each side over b2."""
        self.run.equal("the first of them has the calls", self.states(),
                       {"b1.xyz.com": "up", "b2.xyz.com": "up"})
        before = self.packets("b2.xyz.com")
        self.run.check("a call is answered", self.one.is_done("call", USER_B))
        since = self.dies(self.b1)
        self.is_left("b1.xyz.com", since)
        self.attaches(since)
        self.run.check("the caller ends it: Route names the gateway that is lost",
                       self.one.is_done("hangup"))
        self.run.check("and the callee hears it", self.two.wait_for("ended"))
        self.run.check("it went by the other", self.packets("b2.xyz.com") > before + 1)
        self.run.check("a new call is answered over the other gateway",
                       self.one.is_done("call", USER_B))
        self.run.check("and ended by the callee", self.two.is_done("hangup"))
        self.run.check("of which the caller hears", self.one.wait_for("ended"))

    def comes_back(self):
        """With hysteresis: it answers for some seconds before calls go there."""
        (self.b1.directory / "state").unlink(missing_ok=True)
        self.b1.start()
        since = time.monotonic()
        wait_until(lambda: self.states()["b1.xyz.com"] == "up", BACK_S, "b1 is back")
        self.run.check(f"it is back after {time.monotonic() - since:.1f} s, not at once",
                       time.monotonic() - since > 3)
        self.run.check("which is said in the log", comes_true(
            lambda: "peer b1.xyz.com: it answers again" in self.a.controlplane.output()))
        wait_until(lambda: all(self.is_linked(gateway) for gateway in self.all), BACK_S,
                   "all are linked again")
        wait_until(self.is_reached, PEERS_S, "b1 knows where user-b is")

    def callee_moved_ends_a_call_over_both(self):
        """Over b1, which hands it to b2, where the terminal is: then b1 is lost again."""
        self.run.check("a call over both gateways of the domain is answered",
                       self.one.is_done("call", USER_B))
        since = self.dies(self.b1)
        self.is_left("b1.xyz.com", since)
        self.run.check("the callee ends it", self.two.is_done("hangup"))
        self.run.check("and the caller hears it", self.one.wait_for("ended"))
        self.run.check("a message passes", self.is_reached())

    def reload_keeps_what_is_known(self):
        self.a.ctl("configure", "commit")
        self.run.check("a commit changes nothing of it",
                       self.states()["b1.xyz.com"] in ("lost", "down")
                       and self.is_reached(), [self.states()])


def main():
    run = Scenario((*PATENT, GWC), families=(6,))
    with Postgres() as server, run:
        gateways = Gateways(run, server)
        gateways.calls_outlive_their_gateway()
        gateways.comes_back()
        gateways.callee_moved_ends_a_call_over_both()
        gateways.reload_keeps_what_is_known()
    return run.status


if __name__ == "__main__":
    sys.exit(main())
