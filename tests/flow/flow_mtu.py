#!/usr/bin/python3
"""Messages of every length, by tunnel and in transport mode, over IPv6 and IPv4: what the wire sees.

         t1 ------- to-t1 +--------+ to-gwa ------- gwa  abc.com
     user-a@abc.com       | router |
       tunnel in UDP      |        |
         t3 ------- to-t3 +--------+
     user-b@abc.com, transport mode

A path carries 1,280 bytes for certain. No packet of the gateway's is longer, and none of a tunnel's:
there the message is cut inside, so that nothing on the way ever has to cut or put together.
"""

import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
from sekisho_flow import Scenario
from topology import GWA, ROUTER, SINGLE_GATEWAY, T1

from scapy.layers.inet import IP, UDP
from scapy.layers.inet6 import IPv6, IPv6ExtHdrFragment
from scapy.utils import rdpcap

USER_A, USER_B = "user-a@abc.com", "user-b@abc.com"
PATH_BYTES = 1280
LENGTHS = (1, 400, 500, 600, 700, 800, 900, 1000, 1100, 2000, 4000, 15000)


def ip_of(packet, family):
    layer = IP if family == 4 else IPv6
    return packet[layer] if layer in packet else None


def is_fragment(packet, family):
    if family == 4:
        return bool(packet[IP].flags.MF or packet[IP].frag)
    return IPv6ExtHdrFragment in packet


def what_the_wires_saw(run, family, captures):
    for capture in captures.values():
        capture.stop()
    longest, cut = {}, 0
    for packet in rdpcap(str(captures["t1"].path)):
        ip = ip_of(packet, family)
        if ip is None or ip.src not in (T1.address(family), GWA.address(family)):
            continue
        longest[ip.src] = max(longest.get(ip.src, 0), len(ip))
        cut += is_fragment(packet, family)
    run.check("no packet of the tunnel's is longer than its path carries, either way",
              0 < max(longest.values(), default=0) <= PATH_BYTES, longest)
    run.check("and nearly as long as it may be", min(longest.values(), default=0) > PATH_BYTES - 100,
              longest)
    run.equal("no outer packet of the tunnel was cut", cut, 0)
    sent = [len(ip_of(packet, family)) for packet in rdpcap(str(captures["t3"].path))
            if ip_of(packet, family) is not None and ip_of(packet, family).src == GWA.address(family)]
    run.check("nor is any packet that the gateway sends in transport mode",
              0 < max(sent, default=0) <= PATH_BYTES, max(sent, default=0))


def over(run, family):
    gateway = run.gateway("gwa", "abc.com", family=family)
    gateway.start()
    gateway.add_subscriber(USER_A, "correct horse a")
    gateway.add_subscriber(USER_B, "correct horse b")
    gateway.ctl("policy", "add", 10, "allow", "@abc.com", "@abc.com", "any")
    captures = {name: run.topology.capture_device(ROUTER, f"to-{name}") for name in ("t1", "t3")}
    one = run.terminal("t1", gateway, USER_A, "correct horse a", family=family, encap=True)
    two = run.terminal("t3", gateway, USER_B, "correct horse b", family=family)
    for terminal in (one, two):
        terminal.start()
        run.check(f"{terminal.name} is registered over IPv{family}", terminal.wait_for("registered"))
    run.equal("terminal 1 has a tunnel",
              [sa["mode"] for sa in gateway.show("sas") if sa["who"] == USER_A], ["udp-tunnel"])
    for length in LENGTHS:
        for sender, receiver in ((one, two), (two, one)):
            run.check(f"IPv{family}: {length} bytes pass from {sender.name}",
                      sender.is_done("message", receiver.aor, "m" * length))
    what_the_wires_saw(run, family, captures)
    lost = {name: count for name, count in gateway.drops().items()
            if name.startswith(("esp_", "fragment_", "packet_"))}
    run.equal("the gateway lost nothing", lost, {})
    run.equal("the terminal refused nothing", one.show()["refused"], 0)
    for terminal in (one, two):
        terminal.stop()
    gateway.stop()


def main():
    status = 0
    for family in (6, 4):
        run = Scenario(SINGLE_GATEWAY, families=(family,))
        with run:
            over(run, family)
        status = max(status, run.status)
    return status


if __name__ == "__main__":
    sys.exit(main())
