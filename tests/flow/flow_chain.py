#!/usr/bin/python3
r"""A call over three gateways: what each hop adds and checks, and how a weak middle shows.

         t1 ------- to-t1 +--------+ to-gwa ------- gwa  abc.com
     user-a@abc.com       |        | to-gwm ------- gwm  mid.com
         t2 ------- to-t2 | router |
     user-b@xyz.com       +--------+ to-gwb ------- gwb  xyz.com

abc.com and xyz.com know only mid.com, which speaks for the other.
"""

import json
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
import configs
from sekisho_flow import Scenario
from topology import PATENT, Node, wait_until
from two_domains import calls_in, read_wires

GWM = Node("gwm", "gateway", "2001:abcf::5060", "2001:abcf::1", "198.18.7.60", "198.18.7.1")
USER_A, USER_B = "user-a@abc.com", "user-b@xyz.com"
PEERS_S = 30.0


def entry(node, level=3):
    return f"[{node.address()}]" + (f";level={level}" if level is not None else "")


class Chain:
    def __init__(self, run):
        self.run = run
        self.a = run.gateway("gwa", "abc.com", cdr="cdr")
        self.m = run.gateway("gwm", "mid.com", gateway_id=2, peers=[self.a])
        self.b = run.gateway("gwb", "xyz.com", gateway_id=3, peers=[self.m])
        self.gateways = (self.a, self.m, self.b)
        # what mid.com speaks for, and what may go through it
        self.a.settings["peers"] = [self.peer(self.m, domains=["mid.com", "xyz.com"])]
        self.b.settings["peers"] = [self.peer(self.m, domains=["mid.com", "abc.com"])]
        self.middle(self.middle_peers())
        for gateway in self.gateways:
            gateway.start()
        wait_until(self.is_linked, PEERS_S, "the gateways have keyed each other")
        self.a.add_subscriber(USER_A, "correct horse a")
        self.b.add_subscriber(USER_B, "correct horse b")
        self.a.ctl("policy", "add", 10, "allow", "@abc.com", "@xyz.com", "any")
        self.a.ctl("policy", "add", 10, "allow", "@xyz.com", "@abc.com", "any")
        for gateway in (self.m, self.b):
            gateway.ctl("policy", "add", 10, "allow", "any", "any", "any")
        self.one = run.terminal("t1", self.a, USER_A, "correct horse a")
        self.two = run.terminal("t2", self.b, USER_B, "correct horse b")
        self.one.start()
        self.two.start("--auto-answer")
        for terminal in (self.one, self.two):
            run.check(f"{terminal.aor} is registered", terminal.wait_for("registered"))

    @staticmethod
    def peer(gateway, **settings):
        return {"name": gateway.domain, "domains": [gateway.domain],
                "addresses": [gateway.node.address()], **settings}

    def middle_peers(self, a=(), b=()):
        return [self.peer(self.a, transit=True, reach=["xyz.com"]) | dict(a),
                self.peer(self.b, transit=True, reach=["abc.com"]) | dict(b)]

    def middle(self, peers):
        self.m.settings["peers"] = peers

    def commit(self, gateway, **settings):
        gateway.settings.update(settings)
        configs.write(gateway.directory / "controlplane.yaml", configs.controlplane(gateway))
        told = json.loads(gateway.ctl("--json", "configure", "commit").stdout)
        self.run.equal(f"{gateway.name} takes it over", told["state"], "committed")
        gateway.settle()

    def is_linked(self):
        return all(peer["state"] == "up" and peer["sas_out"] for gateway in self.gateways
                   for peer in gateway.show("peers"))

    def status(self, sentence, expected, by=None, to=USER_B):
        self.run.equal(sentence, (by or self.one).status_of("message", to, "?"), expected)

    def call(self):
        self.run.check("a call over three gateways is answered", self.one.is_done("call", USER_B))
        self.run.check("and ended by the callee, over all of them", self.two.is_done("hangup"))
        self.run.check("the caller hears it", self.one.wait_for("ended"))
        self.run.check("another one", self.one.is_done("call", USER_B))
        self.run.check("is ended by the caller", self.one.is_done("hangup"))
        self.run.check("and the callee hears it", self.two.wait_for("ended"))

    def series(self, captures):
        """Every request of the call and every response, on every hop, from the wires."""
        t1, t2 = self.one.node, self.two.node
        way = [t1, self.a.node, self.m.node, self.b.node, t2]
        wires = read_wires(self.run, captures)
        calls = calls_in(sorted((message for messages in wires.values() for message in messages),
                                key=lambda message: message.time))
        self.run.equal("the wires carried both calls", len(calls), 2)
        for by, call in (("callee", calls[0]), ("caller", calls[1])):
            for method in ("INVITE", "ACK", "BYE"):
                hops = way[::-1] if method == "BYE" and by == "callee" else way
                self.compare(f"{method} of the call that the {by} ends", call, method, hops)

    def compare(self, sentence, call, method, hops):
        """The series grows by one entry a hop; responses have it as it was at the callee."""
        expected, found, back = [], [], []
        for i in range(len(hops) - 1):
            source, destination = hops[i].address(), hops[i + 1].address()
            expected.append([entry(node) for node in hops[i::-1]])
            seen = [message.lines_of("Route-Security") for message in call
                    if message.start_line().startswith(f"{method} ")
                    and (message.source, message.destination) == (source, destination)]
            found.append(seen[0] if seen else None)
            back += [message.lines_of("Route-Security") for message in call
                     if message.start_line().startswith("SIP/2.0 2")
                     and message.lines_of("CSeq")[0].endswith(method)
                     and (message.source, message.destination) == (destination, source)]
        self.run.equal(f"the series of the {sentence} on its four hops", found, expected)
        if method != "ACK":
            self.run.equal(f"each response to the {sentence} has the whole of it",
                           (len(back) >= 4, [series for series in back if series != expected[-1]]),
                           (True, []))

    def weak_middle_shows(self):
        """The middle's link to xyz.com is worth less than it asks for: it says nothing of
        itself."""
        for terminal in (self.one, self.two):
            terminal.stop()
            terminal.settings = {"on-weak-path": "warn"}
            terminal.start()
            self.run.check(f"{terminal.aor}, who lets weak paths pass with a warning, is back",
                           terminal.wait_for("registered"))
        self.run.check("a message comes by a path without a gap",
                       self.one.is_done("message", USER_B, "strong"))
        heard = self.two.wait_for("message")
        self.run.equal("as its receiver sees", [hop.get("level") for hop in heard["path"]], [3] * 4)
        self.commit(self.m, peers=self.middle_peers(b={"suite": "null-aes-128-gmac-16"}),
                    **{"route-security-add-level": 3})
        self.commit(self.b, peers=[self.peer(self.m, domains=["mid.com", "abc.com"],
                                             suite="null-aes-128-gmac-16",
                                             **{"route-security": "annotate"})])
        wait_until(self.is_linked, PEERS_S, "the weak link is keyed")
        self.run.check("a message still comes", self.one.is_done("message", USER_B, "weak"))
        heard = self.two.wait_for("message")
        self.run.equal("and the gap is seen where it is",
                       [hop.get("level") for hop in heard["path"]], [3, 3, None, 3])

    def four_lists(self):
        """Each list of a peer is taken away in turn, and with it what it stands for."""
        self.run.check("all are there: a message passes", self.one.is_done("message", USER_B, "1"))
        self.commit(self.m, peers=self.middle_peers(a={"transit": False}))
        self.status("a peer without transit gets nowhere through us", 404)
        self.commit(self.m, peers=self.middle_peers(a={"reach": ["far.com"]}))
        self.status("nor to a domain that it may not reach", 404)
        self.commit(self.m, peers=self.middle_peers(a={"domains": ["sub.abc.com"]}))
        self.status("a peer is refused what it does not speak for", 403)
        self.commit(self.m, peers=self.middle_peers(b={"domains": ["sub.xyz.com"]}))
        self.status("and gets nothing for it", 404)
        self.commit(self.m, peers=self.middle_peers())
        self.run.check("all are back: a message passes", self.one.is_done("message", USER_B, "2"))

    def loops_end(self):
        """mid.com takes xyz.com for who speaks for loop.com, and the other way round."""
        self.commit(self.a, peers=[self.peer(self.m, domains=["mid.com", "xyz.com", "loop.com"])])
        self.commit(self.m, peers=self.middle_peers(
            a={"reach": ["xyz.com", "loop.com"]},
            b={"domains": ["xyz.com", "loop.com", "abc.com"], "reach": ["abc.com", "loop.com"]}))
        self.commit(self.b, peers=[self.peer(self.m, transit=True, reach=["loop.com"],
                                             domains=["mid.com", "abc.com", "loop.com"])])
        self.a.ctl("policy", "add", 10, "allow", "any", "@loop.com", "any")
        self.a.settle()
        self.status("what turns in a circle is found out", 482, to="user-x@loop.com")


def main():
    run = Scenario((*PATENT, GWM), families=(6,))
    with run:
        captures = run.topology.capture()
        chain = Chain(run)
        chain.call()
        chain.series(captures)
        chain.four_lists()
        chain.loops_end()
        chain.commit(chain.a, peers=[chain.peer(chain.m, domains=["mid.com", "xyz.com"])])
        chain.weak_middle_shows()
    return run.status


if __name__ == "__main__":
    sys.exit(main())
