#!/usr/bin/python3
"""A control plane that starts with very many subscribers in SQLite: who comes first is served
first.

         t1 ------- to-t1 +--------+ to-gwa ------- gwa  abc.com
     t0@abc.com           | router |                     \ SQLite with SUBSCRIBERS of them
         t3 ------- to-t3 +--------+
     the last of them

    flow_cold_start.py [SUBSCRIBERS]

From exec to the first terminal attached, registered, and reaching another; and to the last name
known to the data plane. The suite takes 50,000, a measurement a million.
"""

import hashlib
import hmac
import os
import pathlib
import sqlite3
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
from sekisho_flow import Scenario
from stranger import Stranger
from topology import SINGLE_GATEWAY

SUBSCRIBERS = 50_000
PASSWORD = "one for all"
SALT, ITERATIONS = b"0123456789abcdef", 4096
LIMIT_S = 10.0


def verifier():
    """StoredKey and ServerKey (RFC 5802 3)."""
    salted = hashlib.pbkdf2_hmac("sha256", PASSWORD.encode(), SALT, ITERATIONS)
    return (hashlib.sha256(hmac.digest(salted, b"Client Key", "sha256")).digest(),
            hmac.digest(salted, b"Server Key", "sha256"))


def name(number):
    return f"t{number}@abc.com"


def fill(file, count):
    stored, server = verifier()
    with sqlite3.connect(file) as base:
        base.execute("PRAGMA synchronous = OFF")
        base.executemany(
            "INSERT INTO subscriber(id, salt, iterations, stored_key, server_key, is_enabled, digest)"
            " VALUES(?, ?, ?, ?, ?, 1, zeroblob(32))",
            ((name(number), SALT, ITERATIONS, stored, server) for number in range(count)))
        base.executemany("INSERT INTO identity(aor, subscriber, place) VALUES(?, ?, 0)",
                         ((name(number), name(number)) for number in range(count)))


class Start:
    def __init__(self, run, count):
        self.run, self.count = run, count
        self.gateway = run.gateway("gwa", "abc.com")
        self.gateway.start()
        self.gateway.ctl("policy", "add", 10, "allow", "@abc.com", "@abc.com", "any")
        self.gateway.kill_controlplane()
        fill(self.gateway.directory / "store.sqlite", count)
        # a data plane as new as the control plane: nothing of before is told
        self.gateway.stop_dataplane()
        self.gateway.start_dataplane()
        self.gateway.is_ready = lambda: True

    def stranger(self, node, number):
        net = self.run.topology
        return Stranger(net.netns(node), net.nodes[node], net.nodes["gwa"], "abc.com", name(number),
                        PASSWORD)

    def attach(self, stranger):
        """Asks, again and again, until it is answered."""
        while time.monotonic() - self.begun < 60:
            second = stranger.ask_clear(stranger.first(), seconds=0.1, tries=50)
            if second and second.status == 401:
                fourth = stranger.ask_clear(stranger.third(second))
                if fourth and fourth.status == 200:
                    return stranger.fourth(fourth)
        raise TimeoutError("nobody is attached after 60 s")

    def since(self, what):
        took = time.monotonic() - self.begun
        print(f"        {took:6.2f} s  {what} ({self.processor_time():.2f} s of processor time of the"
              " control plane until then)", flush=True)
        return took

    def processor_time(self):
        """All threads of the control plane: what a machine that others use, too, does not change."""
        stat = pathlib.Path(f"/proc/{self.gateway.controlplane.pid}/stat").read_text()
        user, system = stat.rsplit(")", 1)[1].split()[11:13]
        return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")

    def knows(self, caller, number):
        """Is a name known to the data plane: 480 for who is not registered, 404 for nobody."""
        answer = caller.ask(caller.request("MESSAGE", f"sip:{name(number)}", cseq=1,
                                           call_id=f"known-{number}-{time.monotonic()}"))
        return answer is not None and answer.status == 480

    def cold(self):
        run, last = self.run, self.count - 1
        first, other = self.stranger("t1", 0), self.stranger("t3", last)
        self.begun = time.monotonic()
        self.gateway.start_controlplane()
        self.attach(first)
        attached = self.since("the first terminal is attached")
        answer = first.register()
        run.equal("the first terminal registers", answer and answer.status, 200)
        self.since("and registered")
        self.attach(other)
        answer = other.register()
        run.equal("the last of the names registers", answer and answer.status, 200)
        self.since("the last of the names is registered")
        first.send(first.request("MESSAGE", f"sip:{name(last)}", cseq=1, call_id="reach"))
        request = other.receive()
        run.check("and is reached", request and request.first.startswith("MESSAGE "),
                  request and request.first)
        if request:
            other.send(other.answer(request, 200))
        answer = first.receive()
        run.equal("and answers", answer and answer.status, 200)
        reached = self.since("reached by the first")
        # spread over the whole, whatever their order
        asked = [number for number in range(1, last, max(1, last // 64))]
        while asked and time.monotonic() - self.begun < 60:
            asked = [number for number in asked if not self.knows(first, number)]
        run.check("every name asked for is known to the data plane", not asked, asked)
        told = self.since(f"all of {self.count} names are known to the data plane")
        status = pathlib.Path(f"/proc/{self.gateway.controlplane.pid}/status").read_text()
        peak = next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM"))
        print(f"        {int(peak) // 1024} MB at most in the control plane", flush=True)
        run.check(f"attached within {LIMIT_S:g} s", attached < LIMIT_S)
        run.check(f"reached within {LIMIT_S:g} s", reached < LIMIT_S)
        run.check(f"all told within {2 * LIMIT_S:g} s", told < 2 * LIMIT_S)
        first.close()
        other.close()


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else SUBSCRIBERS
    with Scenario(SINGLE_GATEWAY, families=(6,)) as run:
        Start(run, count).cold()
    return run.status


if __name__ == "__main__":
    sys.exit(main())
