#!/usr/bin/python3
"""Calls with the users of another vendor's proxy, Kamailio, both ways, by SIP over TLS.

         t1 ------- to-t1 +--------+ to-gwa ------- gwa  abc.com
     user-a@abc.com       | router |
                          +--------+ to-gwb ------- gwb  Kamailio, xyz.com: TLS 5061; SIPp behind it
"""

import dataclasses
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
import captured
from kamailio_peer import CALLER_PORT, UA_PORT, Kamailio, UserAgent
from sekisho_flow import Scenario
from topology import GWA, GWB, T1, wait_until
from two_domains import USER_A, USER_B, key_file

PROXY = dataclasses.replace(GWB, kind="terminal")  # its addresses are the kernel's
UP_S = 30.0
AGAIN_S = 60.0
OURS = f"[{GWA.ipv6}];level=3"
THEIRS = f"[{PROXY.ipv6}]"


class Proxied:
    def __init__(self, run):
        self.run = run
        self.gateway = run.gateway("gwa", "abc.com")
        self.kamailio = Kamailio(run, "gwb", "xyz.com", self.gateway)
        self.gateway.settings["peers"] = [self.kamailio.peer(**{"route-security": "annotate"})]
        self.one = run.terminal("t1", self.gateway, USER_A, "correct horse a", trust="chain")

    def start(self):
        self.gateway.start()
        self.gateway.add_subscriber(USER_A, "correct horse a")
        self.gateway.ctl("policy", "add", 10, "allow", USER_A, "@xyz.com", "any")
        self.gateway.ctl("policy", "add", 10, "allow", "@xyz.com", USER_A, "any")
        self.one.start("--auto-answer")
        self.run.check("user-a is registered", self.one.wait_for("registered"))

    def peer(self):
        return self.gateway.show("peers")[0]

    def is_up(self):
        return self.peer()["state"] == "up"

    def callee(self):
        return UserAgent(self.run, self.kamailio, "proxied_callee", UA_PORT).start()

    def caller(self, scenario="proxied_caller", caller=USER_B, hop="no"):
        return UserAgent(self.run, self.kamailio, scenario, CALLER_PORT, caller=caller,
                         callee=USER_A, hop=hop)

    def call_out(self, what):
        callee = self.callee()
        self.run.check(f"user-a calls a user behind Kamailio{what}",
                       self.one.is_done("call", USER_B), callee.complaints())
        self.run.check(f"and ends the call{what}", self.one.is_done("hangup"))
        self.run.check(f"the callee saw what a call is{what}", callee.end(), callee.complaints())

    def call_in(self, what, **options):
        caller = self.caller(**options)
        self.run.check(f"a user behind Kamailio calls user-a and ends the call{what}",
                       caller.is_good(), caller.complaints())


def check_series(run, capture):
    """What user-a's terminal was sent: what Kamailio did not say, and what it said."""
    capture.stop()
    messages, _ = captured.decode(capture.path, captured.read_keys(key_file(run)))
    seen = [message.lines_of("Route-Security") for message in messages
            if message.start_line().startswith("INVITE ")]
    seen = [series for series in seen if series[:1] == [OURS]]
    run.equal("the callee sees what Kamailio did not say, and what it said", seen,
              [[OURS, THEIRS], [OURS, THEIRS + ";level=3"]])


def main():
    run = Scenario((T1, GWA, PROXY), families=(6,))
    with run:
        capture = run.topology.capture("t1")["t1"]
        proxied = Proxied(run)
        proxied.start()
        run.equal("without Kamailio the callee cannot be reached now",
                  proxied.one.status_of("call", USER_B), 503)
        proxied.kamailio.start()
        wait_until(proxied.is_up, UP_S, "the gateway has connected to Kamailio")
        proxied.call_out("")
        proxied.call_in(" (no Route-Security of its own)")
        proxied.call_in(" (Kamailio adds its entry)", hop="yes")
        stranger = proxied.caller("proxied_stranger", caller="user-z@far.com", hop="yes")
        run.check("a name of a domain it does not speak for is refused", stranger.is_good(),
                  stranger.complaints())
        proxied.kamailio.stop()
        wait_until(lambda: not proxied.is_up(), UP_S, "the gateway knows that Kamailio is gone")
        run.equal("then the callee cannot be reached", proxied.one.status_of("call", USER_B), 503)
        proxied.kamailio.start()
        wait_until(proxied.is_up, AGAIN_S, "the gateway has connected again")
        proxied.call_out(" after Kamailio was restarted")
        shown = proxied.peer()
        run.check("no message was lost between them", shown["lost"] == 0 and shown["sent"] > 8,
                  [str(shown)])
        proxied.kamailio.stop()
        check_series(run, capture)
    return run.status


if __name__ == "__main__":
    sys.exit(main())
