#!/usr/bin/python3
"""Unmodified baresip behind both terminals, by UDP and by TCP; then baresip and SIPp with each
other.

  baresip -- t1 ------- to-t1 +--------+ to-gwa ------- gwa  abc.com
         user-a@abc.com       | router |
  baresip -- t2 ------- to-t2 +--------+ to-gwb ------- gwb  xyz.com
         user-b@xyz.com
"""

import pathlib
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
from baresip import Baresip
from sekisho_flow import Scenario
from sipp import Sipp, register
from topology import comes_true
from two_domains import NODES, TwoDomains

PACKETS = 50  # a second of audio
HEARD_BYTES = 10000


def calls(terminal):
    return terminal.show()["calls"]


def has_audio(terminal):
    return any(call["state"] == "established" and call["channel"]["confirmed"]
               and min(call["media"].values()) >= PACKETS for call in calls(terminal)
               if "channel" in call)


def call_and_end(run, what, phones, caller, callee, is_ended_by_caller):
    """One baresip calls the other; audio passes; one of them hangs up."""
    here, there = phones[caller.name], phones[callee.name]
    before = there.heard_bytes()
    here.do("dial", f"sip:{callee.aor}")
    for terminal in (caller, callee):
        run.check(f"{what}: audio both ways at {terminal.name}, through its data channel",
                  comes_true(lambda: has_audio(terminal)),
                  [terminal.show()["text"], *here.output(), *there.output()])
    run.check(f"{what}: the callee heard it", comes_true(
        lambda: there.heard_bytes() > before + HEARD_BYTES), there.heard_bytes())
    (here if is_ended_by_caller else there).do("hangup")
    for terminal in (caller, callee):
        run.check(f"{what}: the call is over at {terminal.name}",
                  comes_true(lambda: not calls(terminal)), terminal.show()["text"])


def refuse(run, phones, caller, callee):
    """A call that the callee lets ring and the caller takes back; one that the callee declines."""
    phones[caller.name].do("dial", f"sip:{callee.aor}")
    run.check("it rings", comes_true(
        lambda: [call["state"] for call in calls(caller)] == ["ringing there"]),
        caller.show()["text"])
    phones[caller.name].do("hangup")
    run.check("a call that is taken back is over at both ends", comes_true(
        lambda: not calls(caller) and not calls(callee)), callee.show()["text"])
    phones[caller.name].do("dial", f"sip:{callee.aor}")
    run.check("it rings again", comes_true(
        lambda: [call["state"] for call in calls(callee)] == ["ringing here"]))
    phones[callee.name].do("hangup")
    run.check("a call that is declined is over at both ends", comes_true(
        lambda: not calls(caller) and not calls(callee)), caller.show()["text"])


def hold(run, phones, caller, callee):
    """baresip holds and takes back: re-INVITEs that pass."""
    phones[caller.name].do("dial", f"sip:{callee.aor}")
    run.check("before holding there is audio", comes_true(lambda: has_audio(caller)))
    phones[caller.name].do("hold")
    run.check("on hold the caller's side falls silent", comes_true(
        lambda: is_still(callee)), callee.show()["text"])
    phones[caller.name].do("resume")
    run.check("taken back, it speaks again", comes_true(lambda: not is_still(callee)))
    phones[caller.name].do("hangup")
    run.check("and is over", comes_true(lambda: not calls(caller) and not calls(callee)))


def is_still(terminal):
    """Does no packet come in for a second?"""
    def received():
        return sum(call["media"]["received"] for call in calls(terminal))
    before = received()
    time.sleep(1.0)
    return received() - before < 5


def with_sipp(run, phones, baresip_side, sipp_side):
    """SIPp calls baresip and is called by it."""
    phones[sipp_side.name].stop()
    here = Sipp(run, sipp_side, "short_caller", baresip_side.aor)
    run.check("SIPp calls baresip", here.is_good(), here.complaints())
    run.check("a client of SIPp's registers", register(run, sipp_side, 5080))
    there = Sipp(run, sipp_side, "short_callee", baresip_side.aor, port=5080).start()
    phones[baresip_side.name].do("dial", f"sip:{sipp_side.aor}")
    run.check("baresip calls SIPp, which hangs up", there.end(),
              [*there.complaints(), *phones[baresip_side.name].output()])
    run.check("and nothing is left", comes_true(
        lambda: not calls(baresip_side) and not calls(sipp_side)))


def main():
    run = Scenario(NODES, families=(6,))
    with run:
        domains = TwoDomains(run)
        one, two = domains.terminal_1, domains.terminal_2
        for terminal in (one, two):
            terminal.settings["local"] = {"port": 5060}
        domains.start_terminals()
        for flow in ("udp", "tcp"):
            phones = {"t1": Baresip(run, one, flow).start(),
                      "t2": Baresip(run, two, flow, answers=True).start()}
            for terminal in (one, two):
                run.check(f"baresip registers at {terminal.name} by {flow}", comes_true(
                    lambda: terminal.show()["clients"] >= 1),
                    phones[terminal.name].output())
            call_and_end(run, f"{flow}", phones, one, two, flow == "udp")
            if flow == "udp":
                hold(run, phones, one, two)
                refuse(run, phones, two, one)
            else:
                with_sipp(run, phones, two, one)
            for phone in phones.values():
                if phone.process.is_alive():
                    phone.stop()
            run.check(f"baresip has gone from both, {flow}", comes_true(
                lambda: one.show()["clients"] == 0 or flow == "tcp"),
                one.show()["text"])
    return run.status


if __name__ == "__main__":
    sys.exit(main())
