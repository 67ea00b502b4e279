"""The data channel of two terminals as their users see it: addresses, the string, what passes."""

import re
import subprocess
import sys

PING_S = 2
COPY_S = 60
PORT = 7007
SERVER = """
import hashlib, socket, sys
server = socket.create_server((sys.argv[1], int(sys.argv[2])),
                              family=socket.AF_INET6 if ":" in sys.argv[1] else socket.AF_INET)
print("ready", flush=True)
data, _ = server.accept()
digest = hashlib.sha256()
while chunk := data.recv(65536):
    digest.update(chunk)
print(digest.hexdigest(), flush=True)
"""
CLIENT = """
import socket, sys
with socket.create_connection((sys.argv[1], int(sys.argv[2])), timeout=30) as data:
    data.sendall(sys.stdin.buffer.read())
"""


class Channel:
    """One terminal's end of it, as its status tells."""

    def __init__(self, name, report):
        self.name = name
        self.report = report

    @classmethod
    def of(cls, run, name):
        return cls(name, run.terminals[name].show()["channel"])

    def own(self, family):
        return self.report[f"own-ipv{family}"]


def open_channel(run, caller, callee):
    """Calls and checks what both sides say of the channel; returns their ends."""
    done = caller.do("call", callee.aor)
    run.check("the call is answered", done.returncode == 0, done.stdout)
    run.check("and it is said where the other side is reached, and that it is",
              re.search(r"data channel sk\d+: fd\S+ and 100\.", done.stdout)
              and re.search(r"^the data channel sk\d+ is up, by ESP", done.stdout, re.M),
              done.stdout)
    for terminal in (caller, callee):
        run.check(f"the data channel is up at {terminal.aor}", terminal.wait_for("channel-up"))
    one, two = (Channel.of(run, terminal.name) for terminal in (caller, callee))
    run.equal("both sides show the same string", one.report["string"], two.report["string"])
    for family in (6, 4):
        run.equal(f"each knows the other's IPv{family} overlay address",
                  (one.own(family), two.own(family)),
                  (two.report[f"peer-ipv{family}"], one.report[f"peer-ipv{family}"]))
    return one, two


def restart(run, terminal, **settings):
    terminal.stop()
    terminal.settings.update(settings)
    terminal.start(*(["--auto-answer"] if terminal.name == "t2" else []))
    run.check(f"{terminal.aor} is registered again", terminal.wait_for("registered"))


def is_of_channel(datagram):
    """Is what two terminals without NAT say to each other ESP, or a question in UDP for the way?"""
    return datagram.kind in ("esp", "icmp") or (
        datagram.kind == "udp-encap" and len(datagram.payload) < 100)


def ping(run, one, two, family):
    """Does the other side's overlay address answer?"""
    return run.topology.exec(one.name, ["ping", "-n", "-c", 1, "-W", PING_S, "-I", one.own(family),
                                        two.own(family)], check=False).returncode == 0


def copy_file(run, one, two, family, data):
    """Sends data from one to two by TCP; returns the SHA-256 of what arrived, in hexadecimal."""
    address = two.own(family)
    server = subprocess.Popen(
        run.topology.command(two.name, [sys.executable, "-c", SERVER, address, PORT]),
        stdout=subprocess.PIPE, text=True)
    try:
        if server.stdout.readline().strip() != "ready":
            return "no server"
        subprocess.run(run.topology.command(one.name,
                                            [sys.executable, "-c", CLIENT, address, PORT]),
                       input=data, check=True, timeout=COPY_S)
        return server.stdout.readline().strip()
    finally:
        server.kill()
        server.wait()
