#!/usr/bin/python3
"""The data channel between two terminals: made by their call, beside every gateway, and no further.

         t1 ------- to-t1 +--------+ to-gwa ------- gwa  abc.com
     user-a@abc.com       | router |
         t2 ------- to-t2 +--------+ to-gwb ------- gwb  xyz.com
     user-b@xyz.com

The terminals' ESP goes through the router from wire to-t1 to wire to-t2; the wires of the gateways
are captured to see that none of it passes there.
"""

import hashlib
import pathlib
import random
import subprocess
import sys

from scapy.layers.inet import IP, UDP
from scapy.layers.inet6 import IPv6

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
import captured
from data_channel import Channel, copy_file, is_of_channel, open_channel, ping, restart
from forge_esp import inject, sealed
from sekisho_flow import Scenario
from topology import PORT, PREFIX_LENGTH, ROUTER, comes_true
from two_domains import NODES, TwoDomains, USER_B

FILE_BYTES = 4_000_000
LOST_S = 60.0  # TUNNEL_LOST_MS, and the BYE
RENEWAL_S = 40.0  # TUNNEL_OLD_MS, and the machine's load
PINGS, PINGS_EACH_S = 1400, 0.01
MOVED_S = 40.0
BOTH_ELSEWHERE = {"t1": "2001:1234::78", "t2": "2001:cdef::78"}
ELSEWHERE = {"t1": "2001:1234::77", "t2": "2001:cdef::77"}


def use(run, one, two):
    """Everything a user does with it."""
    for family in (6, 4):
        run.check(f"ping over IPv{family}, from the caller", ping(run, one, two, family))
        run.check(f"ping over IPv{family}, from the callee", ping(run, two, one, family))
    data = random.Random(6).randbytes(FILE_BYTES)
    for family in (6, 4):
        run.equal(f"a file is copied whole over IPv{family}",
                  copy_file(run, one, two, family, data), hashlib.sha256(data).hexdigest())


def refuse(run, one, two):
    """What strangers send is dropped, counted, and harms nobody."""
    net = run.topology
    here, there = net.nodes["t1"].address(6), net.nodes["t2"].address(6)
    spi = int(two.report["spi-in"], 16)
    key = key_of(run, spi)

    def count(name):
        return Channel.of(run, "t2").report["counters"][name]

    def refused():
        return run.terminals["t2"].show()["refused"]

    def dropped(sentence, counter, source, packet):
        before = count(counter)
        inject(net, ROUTER, source, there, packet)
        run.check(f"{sentence} is dropped and counted",
                  comes_true(lambda: count(counter) == before + 1), count(counter))

    before = refused()
    inject(net, ROUTER, here, there, sealed(spi ^ 1, bytes(20), 1, b"", 59))
    run.check("ESP under an unknown SPI is dropped and counted",
              comes_true(lambda: refused() == before + 1))
    dropped("ESP under the channel's SPI from another address", "drop-stranger",
            net.nodes["gwb"].address(6), sealed(spi, key, 2, b"", 59))
    dropped("ESP that is not under the channel's keys", "drop-forged", here,
            sealed(spi, bytes(20), 1_000_000, b"", 59))
    seen = next(frame for frame in reversed(captured.read_pcap(net.log_dir / "t1.pcap"))
                if captured.dissect(frame.bytes).payload[:4] == spi.to_bytes(4, "big"))
    dropped("a packet that was there before", "drop-replay", here,
            captured.dissect(seen.bytes).payload)
    run.check("and ping goes on", ping(run, one, two, 6))
    return key, spi, here, dropped


def spoof(two, key, spi, here, dropped):
    """The peer itself lies about the overlay; its numbers run ahead, so this comes last."""
    own, peer = two.report["own-ipv6"], two.report["peer-ipv6"]
    number = 10_000_000
    for sentence, counter, header, packet in (
            ("a spoofed overlay source", "drop-spoofed", 41,
             IPv6(src="fd73:656b:6973::1", dst=own) / UDP(dport=9)),
            ("a destination that is not our overlay address", "drop-spoofed", 41,
             IPv6(src=peer, dst="::1") / UDP(dport=9)),
            ("an IPv4 source that is not the peer's", "drop-spoofed", 4,
             IP(src="100.64.0.1", dst=two.own(4)) / UDP(dport=9)),
            ("what is no IP packet", "drop-malformed", 41, b"\0nothing")):
        number += 1
        dropped(sentence, counter, here, sealed(spi, key, number, bytes(packet), header))


def key_of(run, spi):
    keys = captured.read_keys(run.terminals["t2"].key_log)
    return next(key.key for key in keys if key.spi == spi)


def judge_wires(run, captures, spis):
    """None of the terminals' data was at a gateway; all of it was on the terminals' wires."""
    ends = {run.topology.nodes[name].address(6) for name in ("t1", "t2")}
    for name, capture in captures.items():
        capture.stop()
        datagrams = [captured.dissect(frame.bytes) for frame in captured.read_pcap(capture.path)]
        direct = [datagram for datagram in datagrams
                  if {datagram.source, datagram.destination} == ends]
        of_channel = [datagram for datagram in datagrams if datagram.kind == "esp"
                      and datagram.payload[:4].hex() in spis]
        if name in ("gwa", "gwb"):
            run.equal(f"packets of the data channel on the wire of {name}",
                      len(direct) + len(of_channel), 0)
            total = sum(len(datagram.payload) for datagram in datagrams)
            run.check(f"the wire of {name} carried signalling only ({total} bytes)",
                      total < FILE_BYTES / 10)
        else:
            run.check(f"the wire of {name} carried it ({len(direct)} packets)",
                      sum(len(datagram.payload) for datagram in of_channel) > 2 * FILE_BYTES)
            run.check(f"between the terminals there was nothing but ESP on the wire of {name}",
                      all(is_of_channel(datagram) for datagram in direct),
                      {datagram.kind for datagram in direct})


def renew(run, one, two):
    """New keys at either side's wish while packets are under way, and not one of them is lost."""
    pinging = subprocess.Popen(run.topology.command(one.name, [
        "ping", "-n", "-q", "-c", PINGS, "-i", PINGS_EACH_S, "-W", 5, "-I", one.own(6),
        two.own(6)]), stdout=subprocess.PIPE, text=True)
    spis = {one.report["spi-in"]}
    for number, name in enumerate((one.name, two.name), 1):
        run.check(f"{name} has the keys renewed", run.terminals[name].is_done("rekey"))
        run.check(f"both sides count {number} renewals", comes_true(
            lambda number=number: [Channel.of(run, end.name).report["counters"]["renewals"]
                                   for end in (one, two)] == [number, number], RENEWAL_S))
        reports = [Channel.of(run, end.name).report for end in (one, two)]
        spis.add(reports[0]["spi-in"])
        run.equal("each sends where the other receives", reports[0]["spi-in"],
                  reports[1]["spi-out"])
        run.equal("the string is still the same", reports[0]["string"], one.report["string"])
    run.equal("each time the SPI was another", len(spis), 3)
    printed, _ = pinging.communicate(timeout=60)
    run.check(f"of {PINGS} pings meanwhile none was lost", " 0% packet loss" in printed, printed)
    reports = [Channel.of(run, end.name).report["counters"] for end in (one, two)]
    run.check("and nothing was dropped", not any(
        count for report in reports for name, count in report.items()
        if name.startswith("drop-") and name not in ("drop-elsewhere", "drop-unconfirmed")),
              reports)


def move(run, moving, staying, elsewhere):
    """One side's address changes: the other asks it there and follows; the channel stays."""
    net, node = run.topology, run.topology.nodes[moving.name]
    length = PREFIX_LENGTH[6]
    net.ip(moving.name, f"-6 address add {elsewhere}/{length} dev {PORT} nodad")
    net.ip(moving.name, f"-6 address del {node.address(6)}/{length} dev {PORT}")
    followed = run.terminals[staying.name].wait_for("channel-moved", MOVED_S)
    run.check(f"{staying.name} follows {moving.name} to its new address",
              followed and elsewhere in followed["text"], followed)
    run.equal("and says so in its status", Channel.of(run, staying.name).report["peer"], elsewhere)
    for sender, receiver in ((moving, staying), (staying, moving)):
        run.check(f"ping passes from {sender.name} after it",
                  comes_true(lambda s=sender, r=receiver: ping(run, s, r, 6), MOVED_S))
    run.check(f"{moving.name} is registered from there",
              run.terminals[moving.name].wait_for("registered", MOVED_S))


def move_both(run, one, two):
    """Both addresses change in one moment: neither finds the other, and the calls end at both."""
    net = run.topology
    length = PREFIX_LENGTH[6]
    for end in (one, two):
        net.ip(end.name, f"-6 address add {BOTH_ELSEWHERE[end.name]}/{length} dev {PORT} nodad")
    for end in (one, two):
        net.ip(end.name, f"-6 address del {ELSEWHERE[end.name]}/{length} dev {PORT}")
    for end in (one, two):
        terminal = run.terminals[end.name]
        lost = terminal.wait_for("channel-lost", seconds=LOST_S)
        run.check(f"{end.name} moved as the other did: its channel is lost, and that is said",
                  lost and "the other side is silent" in lost["text"]
                  and lost["text"].endswith("the call ends"), lost)
        run.check("the call ends with it", terminal.wait_for("ended", seconds=LOST_S))
        run.check("and nothing passes any more", not ping(run, one, two, 6))
    again = open_channel(run, run.terminals[one.name], run.terminals[two.name])
    run.check("a new call has a channel between the new places",
              [end.report["peer"] for end in (Channel.of(run, one.name), Channel.of(run, two.name))]
              == [BOTH_ELSEWHERE[two.name], BOTH_ELSEWHERE[one.name]] and ping(run, *again, 6))


def policies(run, one, two):
    """required against off: refused with a reason; wanted against off: a call without."""
    for name, policy in (("t1", "required"), ("t2", "off")):
        restart(run, run.terminals[name], channel=policy)
    done = one.do("call", USER_B)
    run.equal("a caller that requires a channel does without the call", done.returncode, 1)
    run.check("and says why", "data channel" in done.stdout or "none" in done.stdout, done.stdout)
    restart(run, one, channel="off")
    restart(run, two, channel="required")
    run.equal("a callee that requires a channel refuses with 488", one.status_of("call", USER_B),
              488)
    restart(run, two, channel="wanted")
    run.check("a callee that wants one takes the call without", one.is_done("call", USER_B))
    run.check("and there is none", "channel" not in two.show())
    run.check("the call ends", one.is_done("hangup"))


def main():
    run = Scenario(NODES, families=(6,))
    with run:
        captures = run.topology.capture()
        domains = TwoDomains(run)
        caller, callee = domains.terminal_1, domains.terminal_2
        for terminal in (caller, callee):
            terminal.settings["address"] = None  # the one its way to the gateway begins at
        domains.start_terminals(two=["--auto-answer"])
        one, two = open_channel(run, caller, callee)
        use(run, one, two)
        spoof(two, *refuse(run, one, two))
        run.check("BYE ends the call", caller.is_done("hangup"))
        run.check("the callee is told", callee.wait_for("channel-down"))
        run.check("no channel is left at the callee", "channel" not in callee.show())
        run.check("after BYE nothing passes", not ping(run, one, two, 6) and
                  not ping(run, two, one, 4))
        judge_wires(run, captures, {one.report["spi-in"], one.report["spi-out"]})

        one, two = open_channel(run, caller, callee)
        renew(run, one, two)
        move(run, two, one, ELSEWHERE[two.name])
        move(run, one, two, ELSEWHERE[one.name])
        move_both(run, one, two)
        callee.process.stop(9)
        callee.process = None
        callee.control_socket.unlink()
        run.check("when the other side falls silent the call ends",
                  caller.wait_for("channel-lost", seconds=LOST_S))
        run.check("and there is no channel any more", "channel" not in caller.show())
        callee.start("--auto-answer")
        run.check("the other side comes back", callee.wait_for("registered"))
        policies(run, caller, callee)
    return run.status


if __name__ == "__main__":
    sys.exit(main())
