#!/usr/bin/python3
"""The path between two gateways is learned by asking, and known still after keys were renewed.

         t1 ------- to-t1 +--------+ to-gwa ------- gwa  abc.com
     user-a@abc.com       | router |
         t2 ------- to-t2 +--------+ to-gwb ------- gwb  xyz.com
     user-b@xyz.com

Gateway A sends long messages on to gateway B: in fragments, until B has said inside an SA of its
own that a long packet came through. Then the way from the router to B carries less.
"""

import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
from sekisho_flow import Scenario
from topology import GWA, GWB, ROUTER, comes_true, wait_until
from two_domains import NODES, TwoDomains, USER_A, USER_B

from scapy.layers.inet6 import IPv6, IPv6ExtHdrFragment
from scapy.utils import rdpcap

PATH_BYTES = 1280
LINK_BYTES = 1500
NARROW_BYTES = 1400
LONG = "l" * 700  # more than 1,280 bytes on the way, less than 1,400
LONGER = "l" * 800
LEARN_S = 15.0
REKEY_S = 10.0


def paths(gateway, owner):
    """{SPI: how long a packet may be} of the SAs that send to gateways, or to terminals."""
    return {sa["spi_out"]: sa["path_bytes"] for sa in gateway.show("sas")
            if sa["owner"] == owner and sa["path_bytes"]}


def asked(gateway):
    return sum(row["value"] for row in gateway.show("counters") if row["name"] == "paths_asked")


def is_learned(run, gateway, owner, least, most, what):
    def is_so():
        return any(least <= bytes_ <= most for bytes_ in paths(gateway, owner).values())
    run.check(what, comes_true(is_so, LEARN_S), paths(gateway, owner))


def is_inherited(run, gateway, owner, rekey, bytes_, what):
    before, questions = paths(gateway, owner), asked(gateway)
    run.check(f"{what}: keys are renewed", rekey())
    wait_until(lambda: paths(gateway, owner).keys() - before.keys(), REKEY_S, "there is a new SA")
    new = {spi: path for spi, path in paths(gateway, owner).items() if spi not in before}
    run.equal(f"{what}: what comes after knows what was known", set(new.values()), {bytes_})
    run.equal(f"{what}: nobody had to ask", asked(gateway), questions)


def on_the_wire(capture):
    packets = [packet[IPv6] for packet in rdpcap(str(capture.path)) if IPv6 in packet]
    packets = [packet for packet in packets if packet.src == GWA.address(6)]
    return max(map(len, packets)), sum(IPv6ExtHdrFragment in packet for packet in packets)


def say(run, domains, text, what):
    run.check(what, domains.terminal_1.is_done("message", USER_B, text))


def rekey_peer(domains):
    """At both: who opened the connection does it whenever it is told to, the other may only wish
    for it."""
    return all(gateway.ctl("peer", "rekey", check=False).returncode == 0
               for gateway in (domains.gateway_a, domains.gateway_b))


def main():
    run = Scenario(NODES, families=(6,))
    with run:
        domains = TwoDomains(run)
        a, b, two = domains.gateway_a, domains.gateway_b, domains.terminal_2
        domains.start_terminals()
        run.equal("a path begins with what every path carries", set(paths(a, "peer").values()),
                  {PATH_BYTES})
        capture = run.topology.capture_device(ROUTER, "to-gwb")
        say(run, domains, LONGER, "a long message passes")
        capture.stop()
        longest, cut = on_the_wire(capture)
        run.check("in fragments, none longer than that", longest <= PATH_BYTES and cut >= 2,
                  [longest, cut])

        is_learned(run, a, "peer", 1480, LINK_BYTES,
                   "the other gateway has answered for what the link carries")
        run.check("it was asked for that", asked(a) >= 1)
        wide = max(paths(a, "peer").values())
        is_learned(run, b, "terminal", 1480, LINK_BYTES, "so has the terminal")
        is_inherited(run, a, "peer", lambda: rekey_peer(domains), wide, "between the gateways")
        is_inherited(run, b, "terminal", lambda: two.is_done("rekey"),
                     max(paths(b, "terminal").values()),
                     "towards the terminal")
        capture = run.topology.capture_device(ROUTER, "to-gwb")
        say(run, domains, LONGER, "a long message passes by the new SAs")
        capture.stop()
        longest, cut = on_the_wire(capture)
        run.check("whole", longest > NARROW_BYTES and cut == 0, [longest, cut])

        run.topology.ip(ROUTER,
                        f"-6 route add {GWB.address(6)}/128 dev to-gwb mtu lock {NARROW_BYTES}")
        say(run, domains, LONGER, "a long message passes where the way carries less")
        is_learned(run, a, "peer", NARROW_BYTES, NARROW_BYTES, "the path is known to be narrower")
        is_inherited(run, a, "peer", lambda: rekey_peer(domains), NARROW_BYTES,
                     "on the narrow path")
        say(run, domains, LONG, "a message that just fits passes whole")
        lost = {name: count for gateway in (a, b) for name, count in gateway.drops().items()
                if name.startswith(("fragment_", "packet_", "esp_"))
                and name not in ("esp_probe", "esp_where")}
        run.equal("no gateway lost anything", lost, {})
        run.check(f"{USER_A} can be reached as well", two.is_done("message", USER_A, "and back"))
    return run.status


if __name__ == "__main__":
    sys.exit(main())
