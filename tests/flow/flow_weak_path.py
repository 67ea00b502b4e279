#!/usr/bin/python3
"""A path that is too weak: refused or flagged, by caller and callee, to people and to SIP clients.

     SIPp -- t1 ------- to-t1 +--------+ to-gwa ------- gwa  abc.com
         user-a@abc.com       | router |
             t2 ------- to-t2 +--------+ to-gwb ------- gwb  xyz.com
         user-b@xyz.com

user-b's channel only protects integrity (level 2); user-a wants level 3 of every hop.
"""

import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
from sekisho_flow import Scenario
from sipp import Sipp, register
from two_domains import NODES, TwoDomains, USER_A, USER_B

REASON = "a level below our minimum"
PICTURE = "==2==>"  # the weak hop as the path is drawn
CALLEE_PORT = 5080
WEAK_SUITE = "null-hmac-sha-256-128"


def refused(run, one, two):
    """on-weak-path: refuse, as caller and as callee."""
    done = one.do("call", USER_B)
    run.check("a caller who wants more gives the call up and says why",
              done.returncode == 1 and REASON in done.stdout, done.stdout)
    run.check("and draws the path with the weak hop in it", PICTURE in done.stdout, done.stdout)
    run.check("the callee's end is told", two.wait_for("ended"))
    client = Sipp(run, one, "weak_caller", USER_B)
    run.check("his client gets 488 with the reason", client.is_good(), client.complaints())
    run.equal("a callee who wants more refuses with 488", two.status_of("call", USER_A), 488)
    event = one.wait_for("refused")
    run.check("and draws the path, too", event and PICTURE in event["picture"], event)
    run.check("no client rang", register(run, one, CALLEE_PORT)
              and two.status_of("call", USER_A) == 488)


def flagged(run, one, two):
    """on-weak-path: warn; the client is told in each message."""
    one.stop()
    one.settings["on-weak-path"] = "warn"
    one.start()
    run.check("terminal 1 is back", one.wait_for("registered"))
    client = Sipp(run, one, "flagged_caller", USER_B, port=5071)
    run.check("his client's call is answered, and flagged", client.is_good(), client.complaints())
    run.check("a client registers", register(run, one, CALLEE_PORT))
    callee = Sipp(run, one, "flagged_callee", USER_B, port=CALLEE_PORT).start()
    run.check("a call to it is answered", two.is_done("call", USER_A))
    run.check("and was flagged", callee.end(), callee.complaints())
    event = one.wait_for("warning")
    run.check("terminal 1 warns with the picture", event and PICTURE in event["picture"], event)


def main():
    run = Scenario(NODES, families=(6,))
    with run:
        domains = TwoDomains(run, suites=["aes-128-gcm-16", WEAK_SUITE])
        one, two = domains.terminal_1, domains.terminal_2
        one.settings.update({"local": {"port": 5060}, "minimum-level": 3})
        two.settings.update({"suites": [WEAK_SUITE], "auto-answer": True})
        domains.start_terminals()
        refused(run, one, two)
        flagged(run, one, two)
    return run.status


if __name__ == "__main__":
    sys.exit(main())
