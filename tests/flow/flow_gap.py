#!/usr/bin/python3
"""A gap in the path, as unmodified SIP clients see it: flagged to caller and callee, or refused to
both.

     SIPp -- t1 ------- to-t1 +--------+ to-gwa ------- gwa  abc.com
         user-a@abc.com       | router |
     SIPp -- t2 ------- to-t2 +--------+ to-gwb ------- gwb  xyz.com
         user-b@xyz.com

The gateways' link only protects integrity, both say nothing of links under level 3 and annotate
what the other does not say: so there is a gap behind each of them.
"""

import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
from sekisho_flow import Scenario
from sipp import Sipp, register
from topology import GWA, GWB
from two_domains import NODES, TwoDomains

CALLER_PORT, CALLEE_PORT = 5070, 5080
REASON = "a gap, the hop did not say how it sent: "
GAP = "--?-->"
WEAK_LINK = {"suite": "null-aes-128-gmac-16", "route-security": "annotate"}


def warning_of(terminal, gap):
    """The next warning that draws this gap; those of an earlier call are passed over."""
    while (event := terminal.wait_for("warning")) and gap not in event["picture"]:
        pass
    return event


def flagged(run, caller, callee, silent):
    """The call is answered, and both clients are told that the caller's gateway did not say how it
    sent."""
    what = f"{caller.name} calls {callee.name}"
    reason, gap = f"{REASON}[{silent.ipv6}]", f"[{silent.ipv6}] {GAP} "
    run.check(f"{what}: the callee's client registers", register(run, callee, CALLEE_PORT))
    there = Sipp(run, callee, "early_callee", caller.aor, port=CALLEE_PORT).start()
    here = Sipp(run, caller, "early_caller", callee.aor, port=CALLER_PORT)
    run.check(f"{what}: the call comes about", here.is_good(), here.complaints())
    run.check(f"{what}: and ends at the callee, too", there.end(), there.complaints())
    for status in (183, 200):
        run.check(f"{what}: the caller's client gets a Warning with the {status}",
                  here.received(f"SIP/2.0 {status}", f'Warning: 399 127.0.0.1:5060 "{reason}"'),
                  here.complaints())
    run.check(f"{what}: and the whole path with the gap in it",
              here.received("SIP/2.0 200", f"Sekisho-Fault: {reason}",
                            "Sekisho-Path: ", gap), here.complaints())
    run.check(f"{what}: the callee's client is told by the INVITE",
              there.received("INVITE sip:", f"Sekisho-Fault: {reason}",
                             "Sekisho-Path: ", gap), there.complaints())
    for terminal in (caller, callee):
        event = warning_of(terminal, gap)
        run.check(f"{what}: {terminal.name} says it to its user with the picture",
                  event and reason in event["text"], event)


def refused(run, caller, callee):
    """The same with refuse at the callee: no client rings, the caller's gets the reason."""
    callee.stop()
    callee.settings["on-weak-path"] = "refuse"
    callee.start()
    run.check("a strict callee is back", callee.wait_for("registered"))
    run.check("and so is its client", register(run, callee, CALLEE_PORT))
    rings = Sipp(run, callee, "short_callee", caller.aor, port=CALLEE_PORT).start()
    here = Sipp(run, caller, "gap_caller", callee.aor, port=CALLER_PORT)
    run.check("the caller's client gets 488 and the gap as the reason", here.is_good(),
              here.complaints())
    run.check("and no client rang", rings.process.is_alive() and not rings.received("INVITE"))
    rings.process.stop()


def main():
    run = Scenario(NODES, families=(6,))
    with run:
        domains = TwoDomains(run, link=WEAK_LINK, **{"route-security-add-level": 3})
        one, two = domains.terminal_1, domains.terminal_2
        for terminal in (one, two):
            terminal.settings.update({"local": {"port": 5060}, "on-weak-path": "warn"})
        domains.start_terminals()
        flagged(run, one, two, GWA)
        flagged(run, two, one, GWB)
        refused(run, one, two)
    return run.status


if __name__ == "__main__":
    sys.exit(main())
