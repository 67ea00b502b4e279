#!/usr/bin/python3
"""The call over IPv4: as the example has it on every hop, but for the addresses.

         t1 ------- to-t1 +--------+ to-gwa ------- gwa  abc.com
     198.18.1.10          | router |          198.18.2.60
         t2 ------- to-t2 +--------+ to-gwb ------- gwb  xyz.com
     198.18.4.10                              198.18.3.60
"""

import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
from captured import Column
from example_call import COLUMNS, compare, read_calls
from sekisho_flow import Scenario
from two_domains import NODES, TwoDomains, USER_B, calls_in, read_wires

# Route-Security and SIP write IPv4 without brackets.
ADDRESSES = [pair for node in NODES for pair in ((f"[{node.ipv6}]", node.ipv4),
                                                 (node.ipv6, node.ipv4))]
COLUMNS4 = [Column(column.title, (node.ipv4,)) for column, node in zip(COLUMNS, NODES)]


def main():
    run = Scenario(NODES, families=(4,))
    with run:
        captures = run.topology.capture()
        domains = TwoDomains(run, family=4)
        domains.start_terminals(two=["--auto-answer"])
        run.check("the call is answered", domains.terminal_1.is_done("call", USER_B))
        run.check("BYE is answered", domains.terminal_1.is_done("hangup"))
        wires = read_wires(run, captures)
        calls = calls_in([message for messages in wires.values() for message in messages])
        run.equal("the wires carried one call", len(calls), 1)
        complaints, _ = compare(read_calls()["call"], calls[0], COLUMNS4, ADDRESSES)
        run.check("it is as the example has it", not complaints, complaints)
    return run.status


if __name__ == "__main__":
    sys.exit(main())
