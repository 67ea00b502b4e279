"""Everything a stranger may try on an address from outside, and what came back."""

import sys

from topology import run

# A closed TCP port, our two UDP ports, a closed one, ESP that belongs to nobody.
KNOCK = """
import socket, sys
gateway, family = sys.argv[1], int(sys.argv[2])
af = socket.AF_INET6 if family == 6 else socket.AF_INET
for port in (5060, 4500, 9):
    with socket.socket(af, socket.SOCK_DGRAM) as udp:
        udp.sendto(b"x" * 40, (gateway, port))
with socket.socket(af, socket.SOCK_RAW, 50) as esp:
    esp.sendto(b"\\0\\0\\1\\1" + b"x" * 60, (gateway, 0))
with socket.socket(af, socket.SOCK_STREAM) as tcp:
    tcp.settimeout(0.5)
    try:
        tcp.connect((gateway, 5099))
    except OSError:
        pass
"""


def ping(net, name, address, seconds=0.3):
    """Sends one ping; returns whether it was answered in time."""
    return net.exec(name, ["ping", "-c1", f"-W{seconds:g}", address], check=False).returncode == 0


def knock(net, name, address, family):
    """Tries everything but ping on an address, from a node."""
    net.exec(name, [sys.executable, "-c", KNOCK, address, family])


def frames_in(path, *conditions):
    """Returns the frames of a pcap file that fulfil tcpdump's conditions, one line each."""
    return run(["tcpdump", "-n", "-e", "-r", path, *conditions]).stdout.splitlines()
