#!/usr/bin/python3
"""make demo: the call of the patent's example on real packets, and what must be refused.

      terminal 1                                              gateway A
    2001:1234::10 ---- to-t1 +--------+ to-gwa ---- 2001:6789::5060   abc.com
    user-a@abc.com           | router |
      terminal 2             |        |                       gateway B
    2001:cdef::10 ---- to-t2 +--------+ to-gwb ---- 2001:abcd::5060   xyz.com
    user-b@xyz.com

Both gateways and terminals are our programs in network namespaces; the router's four ends are
where tcpdump listens. Afterwards tshark, which is not ours, decrypts what was captured with the
keys the programs wrote down for this one run; what it shows is compared with the example hop by
hop. Exit status 0 if everything was as it must be.
"""

import argparse
import hashlib
import pathlib
import random
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
import captured
from data_channel import copy_file, open_channel, ping
from example_call import COLUMNS, compare, read_calls
from sekisho_flow import Scenario
from two_domains import (DENIED, ELSEWHERE, NODES, TwoDomains, UNKNOWN, USER_A, USER_B, calls_in,
                         read_wires)

# A node that is not there: what a forger writes to look as if the call came from elsewhere.
FORGED_ENTRY = "[2001:db8::66];level=3"
OWN_ENTRY = "[2001:1234::10];level=3"
FILE_BYTES = 1_000_000


def headline(text):
    print(f"\n== {text}", flush=True)


def play(run):
    """Lets the terminals do everything there is to be seen. Returns nothing: the wires tell."""
    headline("two gateways, each a data plane and a control plane, keyed over TLS 1.3")
    domains = TwoDomains(run)
    one = domains.terminal_1
    headline("the terminals register")
    domains.start_terminals(one=["--unsafe-test"], two=["--auto-answer"])
    headline(f"{USER_A} calls {USER_B}")
    use_channel(run, domains)
    run.check("BYE ends it", one.is_done("hangup"))
    headline(f"{USER_A} says to be {ELSEWHERE}")
    run.equal("it is refused with 403", one.status_of("call", "--from", ELSEWHERE, USER_B), 403)
    headline("a Route-Security entry too many")
    run.equal("it is refused with 403",
              one.status_of("call", "--route-security", FORGED_ENTRY, "--route-security", OWN_ENTRY,
                            USER_B), 403)
    headline("a callee that policy denies, and one that does not exist")
    run.equal("the denied one gets 404", one.status_of("call", DENIED), 404)
    run.equal("the one that does not exist gets 404", one.status_of("call", UNKNOWN), 404)


def use_channel(run, domains):
    """Calls; while the call is up, ping and a file go through the data channel."""
    ends = open_channel(run, domains.terminal_1, domains.terminal_2)
    headline("the call's data channel, from terminal to terminal")
    for end, name in zip(ends, (USER_A, USER_B)):
        print(f"        {name}: {end.report['interface']}, {end.own(6)}, {end.own(4)}; "
              f"string {end.report['string']}")
    run.check("ping from terminal 1 to terminal 2 through it", ping(run, *ends, 6))
    data = random.Random(1).randbytes(FILE_BYTES)
    run.equal("a file is copied through it, whole", copy_file(run, *ends, 4, data),
              hashlib.sha256(data).hexdigest())


def judge_channel(run, captures):
    headline("where the data channel's packets were")
    ends = {node.address(6) for node in run.topology.nodes.values() if node.kind != "gateway"}
    for name, capture in captures.items():
        datagrams = [captured.dissect(frame.bytes) for frame in captured.read_pcap(capture.path)]
        direct = [len(datagram.payload) for datagram in datagrams if datagram.kind == "esp"
                  and {datagram.source, datagram.destination} == ends]
        print(f"        wire of {name}: {len(direct)} packets, {sum(direct)} bytes")
        if run.topology.nodes[name].kind == "gateway":
            run.equal(f"packets of it on the wire of {name}", len(direct), 0)
        else:
            run.check(f"the file passed the wire of {name}", sum(direct) > FILE_BYTES)


def judge_secrecy(run, captures):
    headline("what could be read on the wires")
    names = [name.partition("@")[0] for name in (USER_A, USER_B, DENIED, UNKNOWN, ELSEWHERE)]
    for name, capture in captures.items():
        report = captured.inspect_wire(captured.read_pcap(capture.path), names)
        kinds = ", ".join(f"{count} {kind}" for kind, count in report.kinds.most_common())
        print(f"        wire of {name}: {kinds}")
        run.check(f"ESP was on the wire of {name}", report.kinds["esp"] > 0)
        run.equal(f"key exchanges in clear on the wire of {name}", len(report.exchanges), 1)
        run.check(f"after them nothing of SIP was readable on the wire of {name}",
                  not report.complaints, report.complaints)


def judge_calls(run, wires):
    everywhere = [message for messages in wires.values() for message in messages]
    calls = calls_in(everywhere)
    headline("the six hops of the call, as tshark decrypts them")
    if not run.equal("the wires carried five calls", len(calls), 5):
        return
    call, spoofed, forged, denied, unknown = calls
    print(*captured.ladder(COLUMNS, call), sep="\n")
    expected = read_calls()
    headline("each hop against the example, byte for byte but for opaque values")
    for sentence, name, messages, replace in (
            ("the call", "call", call, ()),
            ("the spoofed From", "spoofed", spoofed, ()),
            ("the denied callee", "denied by gateway B", denied, ()),
            ("the callee that does not exist", "denied by gateway B", unknown,
             [(DENIED, UNKNOWN)])):
        complaints, _ = compare(expected[name], messages, replace=replace)
        run.check(f"{sentence} is as the example has it", not complaints, complaints)
    for sentence, messages in (("the spoofed From", spoofed), ("the forged series", forged)):
        heard = [message for message in messages
                 if {message.source, message.destination} & {*COLUMNS[2].addresses,
                                                             *COLUMNS[3].addresses}]
        run.check(f"of {sentence} gateway B and the callee heard nothing", not heard)
    series = [message.lines_of("Route-Security") for message in forged
              if message.start_line().startswith("INVITE ")]
    run.check("the forged entry really stood on the wire",
              any(FORGED_ENTRY in lines for lines in series), series)
    run.equal("the two 404 differ in nothing but what they echo and the tag's value",
              *(neutral_404(messages, callee) for messages, callee in ((denied, DENIED),
                                                                       (unknown, UNKNOWN))))


def neutral_404(messages, callee):
    """Returns the 404 as terminal 1 gets it, what it echoes and the To tag made alike."""
    answer = next(message for message in messages if message.start_line().startswith("SIP/2.0 404")
                  and message.destination in COLUMNS[0].addresses)
    text = answer.text.replace(callee, "CALLEE")
    for value in answer.lines_of("Via") + answer.lines_of("Call-ID"):
        text = text.replace(value, "ECHOED")
    for name in ("From", "To"):
        tag = answer.lines_of(name)[0].partition(";tag=")[2]
        text = text.replace(tag, "t" * len(tag))
    return text


def main():
    parser = argparse.ArgumentParser(description="the call of the patent's example, on real packets")
    parser.add_argument("--build", help="the build directory")
    arguments = parser.parse_args()
    run = Scenario(NODES, families=(6,), build=arguments.build)
    with run:
        captures = run.topology.capture()
        play(run)
        wires = read_wires(run, captures)
        judge_calls(run, wires)
        judge_secrecy(run, captures)
        judge_channel(run, captures)
    return run.status


if __name__ == "__main__":
    sys.exit(main())
