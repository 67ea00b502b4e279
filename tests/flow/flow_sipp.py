#!/usr/bin/python3
"""Unmodified SIPp behind both terminals: what two phones do with each other passes two gateways.

     SIPp -- t1 ------- to-t1 +--------+ to-gwa ------- gwa  abc.com
         user-a@abc.com       | router |
     SIPp -- t2 ------- to-t2 +--------+ to-gwb ------- gwb  xyz.com
         user-b@xyz.com

Each scenario of sipp/ says what must arrive at its side; SIPp ends with 0 only if all of it did.
"""

import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
import captured
from data_channel import is_of_channel
from sekisho_flow import Scenario
from sipp import Sipp, register
from topology import READY_S, ROUTER, comes_true, wait_until
from two_domains import NODES, TwoDomains, USER_B

CALLER_PORT, CALLEE_PORT = 5070, 5080
PACKETS = 50  # of audio that must have passed in a call of a second and more
NO_WAY_S = 60.0  # TUNNEL_CONFIRM_MS, and the machine's load
NO_CHANNEL = """
table ip6 guard {
	chain forward {
		type filter hook forward priority 0; policy accept;
		iifname { "to-t1", "to-t2" } oifname { "to-t1", "to-t2" } meta l4proto esp drop
		iifname { "to-t1", "to-t2" } oifname { "to-t1", "to-t2" } udp dport 4500 drop
	}
}
"""
PROBE = """
import socket, sys
server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
texts = sys.stdin.read().split("\\0")
answers = []
def hear(count):
    for _ in range(count):
        answers.append(server.recv(65535).decode(errors="replace").split("\\r\\n")[0])
server.settimeout(20)
for at in range(0, len(texts), 50):  # no more under way than sockets hold
    for text in texts[at:at + 50]:
        server.sendto(text.encode(), ("127.0.0.1", 5060))
    hear(sum(text.startswith("OPTIONS") for text in texts[at:at + 50]))
server.settimeout(3)
try:
    while True:
        hear(1)
except TimeoutError:
    pass
print("\\n".join(answers))
"""


def both(run, what, caller, callee, scenario, flow, ipv6=False, calls=1):
    """One SIPp calls another through everything there is between them."""
    there = Sipp(run, callee, f"{scenario}_callee", caller.aor, flow, ipv6, calls, CALLEE_PORT)
    there.option("-rtp_echo").start()
    here = Sipp(run, caller, f"{scenario}_caller", callee.aor, flow, ipv6, calls, CALLER_PORT)
    is_good = here.is_good()
    run.check(f"{what}: the caller saw what it should", is_good, here.complaints())
    is_good = there.end()
    run.check(f"{what}: the callee saw what it should", is_good, there.complaints())


def wait_until_idle(run, *terminals):
    for terminal in terminals:
        if not comes_true(lambda terminal=terminal: not terminal.show()["calls"]):
            run.check(f"no call is left at {terminal.name}", False, terminal.show()["text"])


def with_media(run, caller, callee, flow, ipv6, calls=1):
    """A call with audio: looked at while it lasts."""
    there = Sipp(run, callee, "callee", caller.aor, flow, ipv6, calls, CALLEE_PORT, media=7000)
    there.option("-rtp_echo").start()
    here = Sipp(run, caller, "caller", callee.aor, flow, ipv6, calls, CALLER_PORT).start()
    what = f"{calls} call(s) with media over {flow} and IPv{6 if ipv6 else 4}"
    seen = {}

    def is_flowing():
        for terminal in (caller, callee):
            shown = terminal.show()["calls"]
            if len(shown) == calls and all(
                    min(call["media"]["sent"], call["media"]["received"]) >= PACKETS
                    and call.get("channel", {}).get("confirmed") for call in shown):
                seen[terminal.name] = shown
        return len(seen) == 2 or not here.process.is_alive()

    wait_until(is_flowing, READY_S, f"{what}: media both ways")
    run.equal(f"{what}: audio passed both ways through data channels at both terminals",
              sorted(seen), ["t1", "t2"])
    is_good = here.end()
    run.check(f"{what}: the caller saw what it should", is_good, here.complaints())
    is_good = there.end()
    run.check(f"{what}: the callee saw what it should", is_good, there.complaints())
    wait_until_idle(run, caller, callee)
    # To one party all packets take the first of its channels.
    carried = {name: sum(call["channel"]["counters"][name] for call in seen.get("t1", []))
               for name in ("sent", "received")}
    run.check(f"{what}: the data channel carried the audio",
              min(carried.values()) >= calls * PACKETS, carried)
    run.check(f"{what}: status draws the path of each",
              all("==3==>" in call["path"] for call in seen.get("t1", [])))


def without_channel(run, caller, callee):
    """The callee has no channel: the caller says anew where its media are, and audio passes."""
    callee.stop()
    callee.settings["channel"] = "off"
    callee.start()
    run.check("the callee is back, without data channel", callee.wait_for("registered"))
    run.check("its client registers", register(run, callee, CALLEE_PORT))
    there = Sipp(run, callee, "reoffered_callee", caller.aor, port=CALLEE_PORT, media=7000)
    there.option("-rtp_echo").start()
    here = Sipp(run, caller, "short_caller", callee.aor, port=CALLER_PORT).start()
    seen = []

    def is_flowing():
        seen[:] = [call for terminal in (caller, callee) for call in terminal.show()["calls"]
                   if min(call["media"].values()) >= PACKETS // 2 and "channel" not in call]
        return len(seen) == 2 or not here.process.is_alive()

    wait_until(is_flowing, READY_S, "media both ways")
    run.equal("audio passes both ways without data channel", len(seen), 2)
    is_good = here.end()
    run.check("the caller's client noticed nothing", is_good, here.complaints())
    is_good = there.end()
    run.check("the callee's client was told by a later INVITE", is_good, there.complaints())


def without_way(run, caller, callee):
    """Both agree on a channel, but nothing of it passes between them: media go without it."""
    callee.stop()
    callee.settings["channel"] = "wanted"
    callee.start()
    run.check("the callee is back, and wants a channel", callee.wait_for("registered"))
    run.check("its client registers again", register(run, callee, CALLEE_PORT))
    run.topology.exec(ROUTER, ["nft", "-f", "-"], input=NO_CHANNEL)
    there = Sipp(run, callee, "reoffered_callee", caller.aor, port=CALLEE_PORT, media=7000)
    there.option("-rtp_echo").start()
    here = Sipp(run, caller, "reoffered_caller", callee.aor, port=CALLER_PORT).start()
    for terminal in (caller, callee):
        lost = terminal.wait_for("channel-lost", NO_WAY_S)
        run.check(f"{terminal.name} says that there is no way, and that media go in clear",
                  lost and "no way to the other side" in lost["text"]
                  and lost["text"].endswith("in clear"), lost)
    seen = {}

    def is_flowing():
        for terminal in (caller, callee):
            for call in terminal.show()["calls"]:
                if call["media"]["received"] >= PACKETS // 2 and "channel" not in call:
                    seen[terminal.name] = call
        return len(seen) == 2 or not here.process.is_alive()

    wait_until(is_flowing, NO_WAY_S, "media both ways")
    run.equal("then audio arrives at both sides", sorted(seen), ["t1", "t2"])
    for name, sipp in (("caller", here), ("callee", there)):
        is_good = sipp.end()
        run.check(f"the {name}'s client was told by a later INVITE", is_good, sipp.complaints())


def exchanges(run, caller, callee, flow, ipv6=False):
    for scenario, what in (("prack", "PRACK"), ("early", "early media"), ("cancel", "CANCEL"),
                           ("delayed", "delayed offer"),
                           ("message", "MESSAGE and OPTIONS")):
        both(run, f"{what} over {flow}", caller, callee, scenario, flow, ipv6)
        wait_until_idle(run, caller, callee)


def bad_clients(run, caller):
    """A client under a wrong name, nonsense, and a flood: refused, bounded, and nobody is
    harmed."""
    liar = Sipp(run, caller, "refused", USER_B, aor="user-c@abc.com", port=5071)
    run.check("a client under another's name is refused with 403 and a sentence", liar.is_good(),
              liar.complaints())
    run.check("and so is its REGISTER",
              not register(run, caller, CALLER_PORT, aor="user-c@abc.com"))
    line = "{method} sip:127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bK{n}\r\n" \
           "From: <sip:user-a@abc.com>;tag=1\r\nTo: <sip:127.0.0.1>\r\nCall-ID: {n}\r\n" \
           "CSeq: 1 {method}\r\nMax-Forwards: 70\r\n{more}Content-Length: 0\r\n\r\n"
    odd = [line.format(method="OPTIONS", n="good", more=""),
           "\r\n\r\n", "nonsense", "INVITE sip:x SIP/2.0\r\n\r\n",
           line.format(method="OPTIONS", n="twice", more="CSeq: 2 OPTIONS\r\n"),
           line.format(method="SUBSCRIBE", n="unknown", more=""),
           line.format(method="BYE", n="nowhere", more="").replace("To: <sip:127.0.0.1>",
                                                                   "To: <sip:127.0.0.1>;tag=x")]
    answers = run.topology.exec("t1", [sys.executable, "-c", PROBE],
                                input="\0".join(odd)).stdout.split("\n")
    run.equal("what is no SIP gets no answer, the rest what it deserves",
              sorted(answers[:-1]), ["SIP/2.0 200 OK", "SIP/2.0 400 Bad Request",
                                     "SIP/2.0 405 Method Not Allowed",
                                     "SIP/2.0 481 Call/Transaction Does Not Exist"])
    flood = [line.format(method="OPTIONS", n=f"flood{n}", more="") for n in range(1000)]
    answers = run.topology.exec("t1", [sys.executable, "-c", PROBE],
                                input="\0".join(flood)).stdout
    run.check("of a flood only so many requests a second are served",
              answers.count("503 Service Unavailable") > answers.count("200 OK") > 0,
              [answers.count("503"), answers.count("200 OK")])
    run.check("and the terminal goes on", caller.is_done("options", "abc.com"))


def judge_wires(run, captures):
    """Nobody but the terminals saw any of the audio."""
    ends = {run.topology.nodes[name].address(6) for name in ("t1", "t2")}
    for name, capture in captures.items():
        capture.stop()
        datagrams = [captured.dissect(frame.bytes) for frame in captured.read_pcap(capture.path)]
        between = [datagram for datagram in datagrams
                   if {datagram.source, datagram.destination} == ends]
        if name in ("gwa", "gwb"):
            run.equal(f"packets between the terminals on the wire of {name}", len(between), 0)
        else:
            run.check(f"on the wire of {name} the terminals speak ESP only, and much of it",
                      len(between) > 4 * PACKETS and all(is_of_channel(datagram)
                                                         for datagram in between))


def main():
    run = Scenario(NODES, families=(6,))
    with run:
        captures = run.topology.capture()
        domains = TwoDomains(run)
        one, two = domains.terminal_1, domains.terminal_2
        for terminal in (one, two):
            terminal.settings["local"] = {"port": 5060}
        domains.start_terminals()
        for flow, ipv6 in (("udp", False), ("tcp", False), ("udp", True)):
            for terminal in (one, two):
                run.check(f"a client of {terminal.name} registers, {flow}",
                          register(run, terminal, CALLEE_PORT, flow, ipv6))
            with_media(run, one, two, flow, ipv6)
            if ipv6:
                with_media(run, two, one, flow, ipv6, calls=3)
            else:
                exchanges(run, two, one, flow)
        bad_clients(run, one)
        judge_wires(run, captures)
        without_channel(run, one, two)
        without_way(run, one, two)
    return run.status


if __name__ == "__main__":
    sys.exit(main())
