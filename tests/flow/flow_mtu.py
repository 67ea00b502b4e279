#!/usr/bin/python3
"""Messages of every length, by tunnel and in transport mode, over IPv6 and IPv4: what the wire
sees.

         t1 ------- to-t1 +--------+ to-gwa ------- gwa  abc.com
     user-a@abc.com       | router |
       tunnel in UDP      |        |
         t3 ------- to-t3 +--------+
     user-b@abc.com, transport mode

A path carries 1,280 bytes for certain. No packet is longer before the terminal has said, inside the
SA, that a longer one came through; a tunnel's message is cut inside, so that nothing on the way
ever has to cut or put together. When a link in the middle becomes narrower its router says so, and
is believed; whoever makes such a message up is not, or not below what every path carries.
"""

import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
from sekisho_flow import Scenario
from topology import GWA, PORT, ROUTER, SINGLE_GATEWAY, T1, comes_true, wait_until

from scapy.layers.inet import ICMP, IP
from scapy.layers.inet6 import ICMPv6PacketTooBig, IPv6, IPv6ExtHdrFragment
from scapy.layers.ipsec import ESP
from scapy.packet import Raw
from scapy.utils import rdpcap

USER_A, USER_B = "user-a@abc.com", "user-b@abc.com"
PATH_BYTES = 1280
LINK_BYTES = 1500
NARROW_BYTES = 1400
# Bodies that make packets of the gateway's of some 1,420 to 1,490 bytes.
LONG = (760, 790, 820)
LEARN_S = 40.0
# Counted where packets end, but dummies that did what they were for: probes, and "where am I seen".
ANSWERED = ("esp_probe", "esp_where")
LENGTHS = (1, 400, 500, 600, 700, 800, 900, 1000, 1100, 2000, 4000, 15000)


def ip_of(packet, family):
    layer = IP if family == 4 else IPv6
    return packet[layer] if layer in packet else None


def is_fragment(packet, family):
    if family == 4:
        return bool(packet[IP].flags.MF or packet[IP].frag)
    return IPv6ExtHdrFragment in packet


def packets_of(capture, family, source):
    """The IP packets from this address in a capture, the layers below taken off."""
    found = (ip_of(packet, family) for packet in rdpcap(str(capture.path)))
    return [ip for ip in found if ip is not None and ip.src == source]


def what_the_wires_saw(run, family, captures):
    for capture in captures.values():
        capture.stop()
    terminals = packets_of(captures["t1"], family, T1.address(family))
    gateways = packets_of(captures["t1"], family, GWA.address(family))
    run.check("no packet of the tunnel's is longer than its path carries, either way",
              0 < max(map(len, terminals), default=0) <= PATH_BYTES
              and 0 < max(map(len, gateways), default=0) <= LINK_BYTES,
              [max(map(len, terminals), default=0), max(map(len, gateways), default=0)])
    run.check("and nearly as long as it may be",
              min(max(map(len, sent), default=0)
                  for sent in (terminals, gateways)) > PATH_BYTES - 100)
    run.equal("no outer packet of the tunnel was cut",
              sum(is_fragment(packet, family) for packet in terminals + gateways), 0)
    sent = [len(packet) for packet in packets_of(captures["t3"], family, GWA.address(family))]
    run.check("nor is any packet too long that the gateway sends in transport mode",
              0 < max(sent, default=0) <= LINK_BYTES, max(sent, default=0))


def path_of(gateway, aor):
    return max(sa["path_bytes"] for sa in gateway.show("sas") if sa["who"] == aor)


def counted(gateway, name):
    return sum(row["value"] for row in gateway.show("counters") if row["name"] == name)


def is_path(run, gateway, aor, least, most, what):
    run.check(what, comes_true(lambda: least <= path_of(gateway, aor) <= most, LEARN_S),
              path_of(gateway, aor))


def say(run, one, two, lengths, what):
    for length in lengths:
        run.check(f"{length} bytes pass {what}", one.is_done("message", two.aor, "n" * length))


def long_ones(capture, family):
    """What the gateway sent on that wire beyond 1,280 bytes, and how much of it in fragments."""
    packets = [packet for packet in packets_of(capture, family, GWA.address(family))
               if len(packet) > PATH_BYTES]
    return packets, sum(is_fragment(packet, family) for packet in packets)


def forge(family, packet, **changed):
    """A router's message about this packet of the gateway's, with some of it made up."""
    said = packet.copy()
    esp = said[ESP]
    esp.spi = changed.get("spi", esp.spi)
    esp.seq = changed.get("sequence", esp.seq)
    if "destination" in changed:
        said.dst = changed["destination"]
    quote, bytes_ = bytes(said)[:200], changed.get("bytes", PATH_BYTES)
    if family == 4:
        return bytes(IP(src="198.18.4.1", dst=GWA.ipv4)
                     / ICMP(type=3, code=4, nexthopmtu=bytes_) / Raw(quote))
    return bytes(IPv6(src="2001:cdef::1", dst=GWA.ipv6)
                 / ICMPv6PacketTooBig(mtu=bytes_) / Raw(quote))


SEND = """
import binascii, socket, sys
family, port, mac = sys.argv[1], sys.argv[2], binascii.unhexlify(sys.argv[3].replace(":", ""))
wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
wire.bind((port, 0))
own = wire.getsockname()[4]
for line in sys.stdin:
    wire.send(mac + own + (b"\\x08\\x00" if family == "4" else b"\\x86\\xdd") + binascii.unhexlify(line.strip()))
"""


def send_forged(run, family, packets):
    """From the place of terminal 1, as anybody out there could."""
    run.topology.exec("t1", [sys.executable, "-c", SEND, family, PORT,
                             run.topology.mac(ROUTER, run.topology.wire("t1"))],
                      input="\n".join(packet.hex() for packet in packets))


def a_path_is_learned(run, family, gateway, one, two):
    is_path(run, gateway, USER_B, 1480, LINK_BYTES,
            "the terminal has answered for what the link carries")
    run.check("it was asked for that", counted(gateway, "paths_asked") >= 2)
    capture = run.topology.capture_device(ROUTER, "to-t3")
    say(run, one, two, LONG, "on the wide path")
    capture.stop()
    packets, cut = long_ones(capture, family)
    run.check("they leave whole, longer than 1,280 bytes", len(packets) >= 2, len(packets))
    run.equal("none of them is a fragment", cut, 0)


def a_link_becomes_narrower(run, family, gateway, one, two):
    run.topology.ip(ROUTER, f"link set to-t3 mtu {NARROW_BYTES}")
    run.topology.ip("t3", f"link set {PORT} mtu {NARROW_BYTES}")
    captures = {name: run.topology.capture_device(ROUTER, f"to-{name}") for name in ("t3", "gwa")}
    say(run, one, two, LONG, "over a router that has to say something")
    is_path(run, gateway, USER_B, NARROW_BYTES, NARROW_BYTES, "the router's word is taken")
    say(run, one, two, LONG, "cut to what it carries")
    say(run, one, two, (100,), "as ever")
    for capture in captures.values():
        capture.stop()
    kind = ICMP if family == 4 else ICMPv6PacketTooBig
    said = [packet for packet in rdpcap(str(captures["gwa"].path))
            if kind in packet and (family == 6 or (packet[ICMP].type, packet[ICMP].code) == (3, 4))]
    run.check("it was a real router's message", said
              and (said[0][kind].nexthopmtu if family == 4 else said[0][kind].mtu) == NARROW_BYTES)
    sent = packets_of(captures["t3"], family, GWA.address(family))
    run.check("nothing longer reaches the terminal", max(map(len, sent)) <= NARROW_BYTES)
    run.check("what is longer comes in fragments",
              any(is_fragment(packet, family) for packet in sent))
    run.equal("one message narrowed one path", counted(gateway, "paths_narrowed"), 1)
    whole = [packet for packet in sent if ESP in packet and not is_fragment(packet, family)]
    return whole[-1]


def nobody_makes_it_up(run, family, gateway, packet):
    refused = counted(gateway, "path_messages_refused")
    send_forged(run, family, [
        forge(family, packet, spi=packet[ESP].spi ^ 1),
        forge(family, packet, sequence=packet[ESP].seq + 5000),
        forge(family, packet, destination=T1.address(family)),
    ])
    wait_until(lambda: counted(gateway, "path_messages_refused") >= refused + 3, LEARN_S,
               "three made-up messages are counted")
    run.equal("what quotes no packet of a live SA changes nothing", path_of(gateway, USER_B),
              NARROW_BYTES)
    send_forged(run, family, [forge(family, packet, bytes=68)])
    floor = PATH_BYTES if family == 6 else 576
    is_path(run, gateway, USER_B, floor, floor,
            "who sees the packets narrows a path to its floor, no further")


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
        run.check(f"{terminal.name} is registered over IPv{family}",
                  terminal.wait_for("registered"))
    run.equal("terminal 1 has a tunnel",
              [sa["mode"] for sa in gateway.show("sas") if sa["who"] == USER_A], ["udp-tunnel"])
    for length in LENGTHS:
        for sender, receiver in ((one, two), (two, one)):
            run.check(f"IPv{family}: {length} bytes pass from {sender.name}",
                      sender.is_done("message", receiver.aor, "m" * length))
    what_the_wires_saw(run, family, captures)
    a_path_is_learned(run, family, gateway, one, two)
    packet = a_link_becomes_narrower(run, family, gateway, one, two)
    nobody_makes_it_up(run, family, gateway, packet)
    say(run, one, two, LONG, "still")
    lost = {name: count for name, count in gateway.drops().items()
            if name.startswith(("esp_", "fragment_", "packet_")) and name not in ANSWERED}
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
