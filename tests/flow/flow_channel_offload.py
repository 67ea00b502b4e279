#!/usr/bin/python3
"""The data channel where the kernel leaves cutting and joining to it, and where it does all itself.

         t1 ------- to-t1 +--------+ to-gwa ------- gwa  abc.com
     user-a@abc.com       | router |
         t2 ------- to-t2 +--------+ to-gwb ------- gwb  xyz.com
     user-b@xyz.com

Each way of the two is asked of each side; what passes is the same, and no packet on a wire is
longer than its MTU.
"""

import hashlib
import json
import pathlib
import random
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
import captured
from data_channel import copy_file, open_channel, ping, restart
from sekisho_flow import Scenario
from topology import ROUTER
from two_domains import NODES, TwoDomains

FILE_BYTES = 3_000_000
FRAME_BYTES, NARROW_BYTES = 1514, 1280
DATAGRAM_BYTES, DATAGRAMS, AT_ONCE = 172, 100, 20  # RTP's size
PORT = 7009
WRONG = ("forged", "replay", "malformed", "spoofed", "uncut")
# Datagrams as media have them, one by one, and some that the program hands over as one.
RECEIVER = """
import json, socket, sys
family = socket.AF_INET6 if ":" in sys.argv[1] else socket.AF_INET
here = socket.socket(family, socket.SOCK_DGRAM)
here.bind((sys.argv[1], int(sys.argv[2])))
here.settimeout(20)
print("ready", flush=True)
seen = []
while len(seen) < int(sys.argv[3]):
    data = here.recv(65536)
    seen.append([len(data), int.from_bytes(data[:4], "big")])
print(json.dumps(seen), flush=True)
"""
SENDER = """
import socket, struct, sys
UDP_SEGMENT = 103
family = socket.AF_INET6 if ":" in sys.argv[1] else socket.AF_INET
out = socket.socket(family, socket.SOCK_DGRAM)
out.connect((sys.argv[1], int(sys.argv[2])))
size, single, at_once = map(int, sys.argv[3:6])
datagrams = [number.to_bytes(4, "big") + bytes(size - 4) for number in range(single + at_once)]
for datagram in datagrams[:single]:
    out.send(datagram)
out.setsockopt(socket.IPPROTO_UDP, UDP_SEGMENT, size)
out.send(b"".join(datagrams[single:]))
"""


def datagrams(run, one, two, family):
    """Sends them from one to two; returns what arrived, as [length, number] in order."""
    to = two.own(family)
    receiver = subprocess.Popen(run.topology.command(
        two.name, [sys.executable, "-c", RECEIVER, to, PORT, DATAGRAMS + AT_ONCE]),
        stdout=subprocess.PIPE, text=True)
    try:
        if receiver.stdout.readline().strip() != "ready":
            return "nobody receives"
        run.topology.exec(one.name, [sys.executable, "-c", SENDER, to, PORT, DATAGRAM_BYTES,
                                     DATAGRAMS, AT_ONCE])
        return json.loads(receiver.stdout.readline() or "null")
    finally:
        receiver.kill()
        receiver.wait()


def use(run, one, two, what):
    """Everything there is to send, in both directions and versions of IP."""
    data = random.Random(7).randbytes(FILE_BYTES)
    digest = hashlib.sha256(data).hexdigest()
    wanted = [[DATAGRAM_BYTES, number] for number in range(DATAGRAMS + AT_ONCE)]
    for family in (6, 4):
        for here, there in ((one, two), (two, one)):
            way = f"{what}: from {here.name} to {there.name} over IPv{family}"
            run.check(f"{way} ping passes", ping(run, here, there, family))
            run.equal(f"{way} a file is copied whole",
                      copy_file(run, here, there, family, data), digest)
            run.equal(f"{way} each datagram arrives, in order",
                      datagrams(run, here, there, family), wanted)


def narrow(run, one, two):
    """Where the way is too narrow for a piece the kernel takes none; its packets go one by one."""
    run.topology.ip(ROUTER, f"link set {run.topology.wire(two.name)} mtu {NARROW_BYTES}")
    data = random.Random(8).randbytes(FILE_BYTES // 3)
    for family in (6, 4):
        run.equal(f"a way of {NARROW_BYTES} bytes: a file is copied whole over IPv{family}",
                  copy_file(run, one, two, family, data), hashlib.sha256(data).hexdigest())
    run.check("and ping passes", ping(run, one, two, 6))


def judge_drops(run, what):
    """What a kernel says of its own accord may go elsewhere; of what the peers sent nothing is
    wrong."""
    for name in ("t1", "t2"):
        counters = run.terminals[name].show()["channel"]["counters"]
        run.equal(f"{what}: {name} has found nothing wrong with a packet",
                  {key: counters[f"drop-{key}"] for key in WRONG if counters[f"drop-{key}"]}, {})


def judge_wires(run, captures):
    for name in ("t1", "t2"):
        captures[name].stop()
        longest = max(len(frame.bytes) for frame in captured.read_pcap(captures[name].path))
        run.check(f"no frame on the wire of {name} is longer than its MTU ({longest})",
                  1000 < longest <= FRAME_BYTES)


def main():
    run = Scenario(NODES, families=(6,))
    with run:
        captures = run.topology.capture()
        domains = TwoDomains(run)
        caller, callee = domains.terminal_1, domains.terminal_2
        callee.settings["channel-offload"] = "off"
        domains.start_terminals(two=["--auto-answer"])
        offered = caller.show()["offloads"]
        run.check("a terminal says what its kernel leaves to it", offered["tun"], offered)
        run.equal("and one that is to use nothing, nothing", callee.show()["offloads"],
                  {"tun": [], "udp": []})
        run.check("status says so in words", "\noffloads of sk0: none; of ESP in UDP: none"
                  in callee.show()["text"], callee.show()["text"])
        use(run, *open_channel(run, caller, callee), "one side without offloads, ESP")
        judge_drops(run, "one side without offloads")
        for terminal, offload in ((caller, "off"), (callee, "on")):
            restart(run, terminal, **{"encap": True, "channel-offload": offload})
        use(run, *open_channel(run, caller, callee), "the other without, ESP in UDP")
        judge_drops(run, "the other without")
        restart(run, caller, **{"channel-offload": "on"})
        one, two = open_channel(run, caller, callee)
        use(run, one, two, "both with offloads, ESP in UDP")
        judge_drops(run, "both with offloads")
        narrow(run, one, two)
        judge_wires(run, captures)
    return run.status


if __name__ == "__main__":
    sys.exit(main())
