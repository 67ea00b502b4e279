#!/usr/bin/python3
"""Bulk TCP between two terminals through the data channel, beside user-space tunnels of others.

    bench/bench_channel.py [--build DIR] [--megabytes N] [--rounds N] [--encap] [--out FILE]

The others are strongSwan's kernel-libipsec, ESP with AES-128-GCM as ours but in UDP, and
wireguard-go; between the same two namespaces, over IPv4, in turns in the same run. The gateways stand still while it is measured: they
have no part in it. Every transfer is verified by its SHA-256. Prints one JSON object; needs root,
the packages that docs/packages.md names. Exit status 1: no figure.
"""

import argparse
import hashlib
import json
import os
import pathlib
import random
import signal
import statistics
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE / "channel"), str(HERE.parent / "tests/flow"), str(HERE.parent / "tests")]
from data_channel import open_channel
from libipsec import LibIpsec
from sekisho_flow import Scenario
from topology import TopologyError
from two_domains import NODES, TwoDomains
from wireguard import WireGuard

FAMILY = 4
BLOCK_BYTES = 1_000_000
TRANSFER_S = 120
PORT = 7007
# Goodput from the first byte to the last, as the receiver's clock says it.
RECEIVER = """
import hashlib, json, socket, sys, time
server = socket.create_server((sys.argv[1], int(sys.argv[2])))
print("ready", flush=True)
data, _ = server.accept()
digest, count, buffer = hashlib.sha256(), 0, bytearray(1 << 20)
view, began = memoryview(buffer), None
while got := data.recv_into(buffer):
    began = began or time.monotonic()
    digest.update(view[:got])
    count += got
print(json.dumps([count, time.monotonic() - began, digest.hexdigest()]), flush=True)
"""
SENDER = """
import random, socket, sys
block = random.Random(6).randbytes(int(sys.argv[3]))
with socket.create_connection((sys.argv[1], int(sys.argv[2])), timeout=30) as data:
    for _ in range(int(sys.argv[4])):
        data.sendall(block)
"""


def transfer(topology, to, blocks):
    """Sends blocks from t1 to an address of t2; returns megabits a second. Verified."""
    block = random.Random(6).randbytes(BLOCK_BYTES)
    digest = hashlib.sha256()
    for _ in range(blocks):
        digest.update(block)
    receiver = subprocess.Popen(topology.command("t2", [sys.executable, "-c", RECEIVER, to, PORT]),
                                stdout=subprocess.PIPE, text=True)
    try:
        if receiver.stdout.readline().strip() != "ready":
            raise TopologyError(f"nobody receives at {to}")
        topology.exec("t1", [sys.executable, "-c", SENDER, to, PORT, BLOCK_BYTES, blocks],
                      timeout=TRANSFER_S)
        count, seconds, found = json.loads(receiver.stdout.readline())
    finally:
        receiver.kill()
        receiver.wait()
    if count != blocks * BLOCK_BYTES or found != digest.hexdigest():
        raise TopologyError(f"what arrived at {to} is not what was sent ({count} bytes)")
    return count * 8 / seconds / 1e6


class Standstill:
    """The gateways' processes stand still while it is open: their workers poll without pause."""

    def __init__(self, run):
        self.processes = [process for gateway in run.gateways.values()
                          for process in (gateway.dataplane, gateway.controlplane)]

    def _send(self, number):
        for process in self.processes:
            process.send(number)

    def __enter__(self):
        self._send(signal.SIGSTOP)

    def __exit__(self, *_):
        self._send(signal.SIGCONT)


def figure(values):
    return {"median": round(statistics.median(values), 1), "min": round(min(values), 1),
            "max": round(max(values), 1), "values": [round(value, 1) for value in values]}


def measure(run, options):
    domains = TwoDomains(run, family=FAMILY)
    if options.encap:
        for terminal in (domains.terminal_1, domains.terminal_2):
            terminal.settings["encap"] = True
    domains.start_terminals(two=["--auto-answer"])
    one, two = open_channel(run, domains.terminal_1, domains.terminal_2)
    others = {"libipsec": LibIpsec(run), "wireguard-go": WireGuard(run)}
    for other in others.values():
        other.start()
    ways = {"sekisho": two.own(FAMILY),
            **{name: other.inner("t2") for name, other in others.items()},
            "no-tunnel": run.topology.nodes["t2"].address(FAMILY)}
    rates = {name: [] for name in ways}
    for number in range(options.rounds + 1):
        for name, to in ways.items():
            with Standstill(run):
                rate = transfer(run.topology, to, options.megabytes)
            if number > 0:  # the first is for warming up
                rates[name].append(rate)
    status = domains.terminal_2.show()
    channel = status["channel"]["counters"]
    run.check("the channel carried its share",
              channel["received-bytes"] > (options.rounds + 1) * options.megabytes * BLOCK_BYTES)
    for name, other in others.items():
        run.check(f"and {name} its own", other.received_bytes()
                  > (options.rounds + 1) * options.megabytes * BLOCK_BYTES)
    figures = {name: figure(values) for name, values in rates.items()}
    return {"unit": "Mbit/s", "megabytes": options.megabytes, "encap": options.encap,
            "offloads": status.get("offloads"), **figures,
            "ratios": {name: round(figures["sekisho"]["median"] / figures[name]["median"], 2)
                       for name in others},
            "load": os.getloadavg()[0], "cpus": os.cpu_count()}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", default=str(HERE.parent / "build"))
    parser.add_argument("--megabytes", type=int, default=50, help="of one transfer")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--encap", action="store_true", help="ESP in UDP, as behind a NAT")
    parser.add_argument("--out", help="a file for the figures, too")
    options = parser.parse_args()
    run = Scenario(NODES, families=(FAMILY,), build=options.build)
    found = None
    with run:
        found = measure(run, options)
    if run.status or found is None:
        return 1
    print(json.dumps(found))
    if options.out:
        pathlib.Path(options.out).write_text(json.dumps(found) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
