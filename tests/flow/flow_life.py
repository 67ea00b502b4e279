#!/usr/bin/python3
"""A terminal's life: its gateway is lost for good and the next of its list taken; its address
changes.

         t1 ------- to-t1 +--------+ to-gwa ------- gwa  abc.com
       sipp@abc.com       | router |
         t2 ------- to-t2 +--------+ to-gwb ------- gwb  abc.com
     user-b@abc.com

Both gateways are of one domain and know the same subscribers.
"""

import pathlib
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
from sekisho_flow import Scenario
from sipp import Sipp, register
from topology import PATENT, PREFIX_LENGTH

USER_A, USER_B = "sipp@abc.com", "user-b@abc.com"
LOST_S = 30  # within this a terminal is at another gateway (and its call-partners reach it)
MOVED_S = 40
WATCHED_S = 60
ELSEWHERE = "2001:cdef::77"


def gateways(run):
    made = []
    for name in ("gwa", "gwb"):
        gateway = run.gateway(name, "abc.com")
        gateway.start()
        gateway.add_subscriber(USER_A, "correct horse a")
        gateway.add_subscriber(USER_B, "correct horse b")
        gateway.ctl("policy", "add", 10, "allow", "@abc.com", "@abc.com", "any")
        made.append(gateway)
    return made


def gateway_is_lost(run, first, one, two):
    """The terminals find the other gateway within 30 s, and each other through it."""
    killed_at = time.monotonic()
    first.kill_controlplane()
    first.kill_dataplane()
    for terminal in (one, two):
        run.check(f"{terminal.name} notices the loss", terminal.wait_for("gateway-lost", LOST_S))
    for terminal in (one, two):
        run.check(f"{terminal.name} is registered at the other gateway",
                  terminal.wait_for("registered", LOST_S))
    run.check("the callee is reached again", one.is_done("message", USER_B, "still there?"))
    took = time.monotonic() - killed_at
    run.check(f"all within {LOST_S} s (it took {took:.1f} s)", took < LOST_S)


def as_they_come(run, one, two):
    """SIPp's own scenarios call each other, under names of the loopback."""
    run.check("a client of terminal 2 registers", register(run, two, 5080))
    there = Sipp(run, two, "uas", "-", port=5080, calls=3, is_own=True).start()
    here = Sipp(run, one, "uac", USER_B.split("@", maxsplit=1)[0], port=5070, calls=3, is_own=True)
    run.check("three calls of SIPp's uac end well", here.is_good(), here.complaints())
    run.check("as SIPp's uas sees it, too", there.end(), there.complaints())
    run.equal("a client that has gone is found out", one.status_of("message", USER_B, "?"), 480)
    run.check("and its terminal takes what comes then", one.is_done("message", USER_B, "!"))


def away(run, one):
    """While a terminal is away, its clients are told so."""
    run.check("a terminal de-registers", one.is_done("deregister"))
    refused = Sipp(run, one, "unattached", USER_B, port=5072)
    run.check("its client is refused with 503 and a sentence", refused.is_good(),
              refused.complaints())
    run.check("it comes back", one.is_done("register"))
    watching = one.begin("status", "--watch", seconds=WATCHED_S)
    times = []
    while len(times) < 3 and (line := watching.stdout.readline()):
        if f"{USER_A} is registered" in line:
            times.append(time.monotonic())
    watching.terminate()
    watching.communicate()
    run.check("status --watch says it again every second",
              len(times) == 3 and times[2] - times[0] > 1, times)


def binding_of(gateway, aor):
    return [(row["binding"], row["generation"]) for row in gateway.show("registrations")
            if row["identity"] == aor]


def address_changes(run, gateway, one, two):
    """The interface gets another address and loses the first: the terminal follows, unasked."""
    net, node = run.topology, two.node
    two.stop()
    two.settings["channel"] = "off"  # the signalling's life is looked at here
    two.start()
    run.check("terminal 2 is registered where it is", two.wait_for("registered"))
    run.check("a call is answered before", two.is_done("call", USER_A))
    before = binding_of(gateway, USER_B)
    net.exec("t2", ["ip", "-6", "address", "add", f"{ELSEWHERE}/{PREFIX_LENGTH[6]}", "dev", "port0",
                    "nodad"])
    net.exec("t2", ["ip", "-6", "address", "del", f"{node.address(6)}/{PREFIX_LENGTH[6]}", "dev",
                    "port0"])
    moved = two.wait_for("moved", MOVED_S)
    run.check("the change of address is noticed", moved and ELSEWHERE in moved["text"], moved)
    run.check("it attaches from there", two.wait_for("attached", MOVED_S))
    run.check("it registers from there", two.wait_for("registered", MOVED_S))
    run.equal("its binding is the one it had, index and generation",
              [len(before), binding_of(gateway, USER_B)], [1, before])
    run.check("the call from before is ended from there", two.is_done("hangup"))
    run.check("and the other side hears it", one.wait_for("ended"))
    run.check("it is reached there", one.is_done("message", USER_B, "moved?"))
    run.check("it reaches others from there", two.is_done("message", USER_A, "moved."))
    run.check("a call works from there", two.is_done("call", USER_A))
    run.check("and ends", two.is_done("hangup"))


def main():
    run = Scenario(PATENT, families=(6,))
    with run:
        first, second = gateways(run)
        both = {"domain": "abc.com", "addresses": [gateway.node.address(6)
                                                   for gateway in (first, second)]}
        one = run.terminal("t1", first, USER_A, "correct horse a", local={"port": 5060},
                           **{"auto-answer": True})
        two = run.terminal("t2", first, USER_B, "correct horse b", address=None,
                           local={"port": 5060})
        for terminal in (one, two):
            terminal.settings["gateway"] = both
            terminal.start()
            run.check(f"{terminal.aor} is registered", terminal.wait_for("registered"))
        run.check("they reach each other", one.is_done("message", USER_B, "there?"))
        as_they_come(run, one, two)
        gateway_is_lost(run, first, one, two)
        away(run, one)
        address_changes(run, second, one, two)
    return run.status


if __name__ == "__main__":
    sys.exit(main())
