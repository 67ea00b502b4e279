#!/usr/bin/python3
"""Every call of example_call.txt, on real packets, each hop compared byte for byte.

         t1 ------- to-t1 +--------+ to-gwa ------- gwa  abc.com
     user-a@abc.com       | router |
         t2 ------- to-t2 +--------+ to-gwb ------- gwb  xyz.com
     user-b@xyz.com
"""

import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
from example_call import compare, read_calls
from sekisho_flow import Scenario
from two_domains import (DENIED, ELSEWHERE, NODES, TwoDomains, UNKNOWN, USER_B, calls_in,
                         read_wires)

DENIED_AT_HOME = "user-d@abc.com"


def call_and_answer(run, one, two):
    """Terminal 1 calls, terminal 2 takes the call by hand."""
    begun = one.begin("call", USER_B)
    run.check("the callee hears of the call", two.wait_for("incoming"))
    run.check("the callee takes it", two.is_done("answer"))
    run.equal("the caller is told", one.finish(begun)[0], 0)


def play(run, one, two):
    """Plays the calls; returns [(name in example_call.txt, compare()'s further arguments)]."""
    call_and_answer(run, one, two)
    run.check("terminal 1 ends the call", one.is_done("hangup"))
    call_and_answer(run, one, two)
    run.check("terminal 2 ends the call", two.is_done("hangup"))

    begun = one.begin("call", USER_B)
    run.check("it rings", one.wait_for("ringing") and two.wait_for("incoming"))
    run.check("terminal 1 cancels", one.is_done("hangup"))
    run.equal("the cancelled call ends with 487", one.finish(begun)[1][:3], "487")

    begun = one.begin("call", USER_B)
    run.check("it rings again", one.wait_for("ringing") and two.wait_for("incoming"))
    run.check("terminal 2 refuses", two.is_done("hangup"))
    run.equal("the refused call ends with 486", one.finish(begun)[1][:3], "486")

    for sentence, words, status in (
            ("another's name", ("--from", ELSEWHERE, USER_B), 403),
            ("a denied callee", (DENIED,), 404),
            ("an unknown callee", (UNKNOWN,), 404),
            ("a callee denied at home", (DENIED_AT_HOME,), 404)):
        run.equal(f"{sentence} is refused with {status}", one.status_of("call", *words), status)
    return [("call", {}), ("ended by terminal 2", {}), ("cancelled", {}),
            ("busy", {"ignore": ("100", "180")}),  # by hand, after it rang
            ("spoofed", {}), ("denied by gateway B", {}),
            ("denied by gateway B", {"replace": [(DENIED, UNKNOWN)]}),
            ("denied by gateway A", {})]


def main():
    run = Scenario(NODES, families=(6,))
    with run:
        captures = run.topology.capture()
        domains = TwoDomains(run)
        one, two = domains.terminal_1, domains.terminal_2
        domains.start_terminals(one=["--unsafe-test"])
        expected = play(run, one, two)
        wires = read_wires(run, captures)
        calls = calls_in([message for messages in wires.values() for message in messages])
        run.equal("the wires carried the calls", len(calls), len(expected))
        sections = read_calls()
        for (name, arguments), messages in zip(expected, calls):
            complaints, _ = compare(sections[name], messages, **arguments)
            run.check(f"on every hop the call is as the example has it: {name}", not complaints,
                      complaints)
        for gateway in (domains.gateway_a, domains.gateway_b):
            print(f"        drops of {gateway.name}: {gateway.drops()}")
    return run.status


if __name__ == "__main__":
    sys.exit(main())
