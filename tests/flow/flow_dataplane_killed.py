#!/usr/bin/python3
"""A data plane is killed while messages go through it, and filled again: nothing is lost but what came meanwhile.

         t1 ------- to-t1 +--------+ to-gwa ------- gwa  abc.com, whose data plane is killed
     user-a@abc.com       | router |
         t2 ------- to-t2 +--------+ to-gwb ------- gwb  xyz.com
     user-b@xyz.com

Both terminals are tests/flow/stranger.py, which send every message once and count single messages: what a
client's retransmissions would put right is seen.
"""

import pathlib
import sys
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
from janitor import dpdk_directories
from sekisho_flow import Scenario
from stranger import Stranger
from topology import GWA, GWB, T1, T2, wait_until
from two_domains import NODES, PEERS_S, TwoDomains, USER_A, USER_B

EVERY_S = 0.02  # one message
BEFORE = AFTER = 50
MEANWHILE_S = 30.0
HEARD_S = 3.0


def attached(run, name, node, gateway, domain, user, password):
    stranger = Stranger(run.topology.netns(name), node, gateway, domain, user, password)
    stranger.attach()
    run.equal(f"{user} registers", stranger.register().status, 200)
    return stranger


class Load:
    """One message after another, each with a number of its own, until it is told to end."""

    def __init__(self, one, two):
        self.one, self.two = one, two
        self.sent, self.heard = 0, set()
        self.is_ending = threading.Event()
        self.threads = [threading.Thread(target=self._send), threading.Thread(target=self._hear)]

    def _send(self):
        while not self.is_ending.is_set():
            self.one.send(self.one.request("MESSAGE", f"sip:{USER_B}", call_id=f"number-{self.sent}"))
            self.sent += 1
            time.sleep(EVERY_S)

    def _hear(self):
        last = time.monotonic()
        while not self.is_ending.is_set() or time.monotonic() - last < HEARD_S:
            message = self.two.receive(0.2)
            if message is None:
                continue
            last = time.monotonic()
            call = message.one("Call-ID")
            if message.first.startswith("MESSAGE ") and call.startswith("number-"):
                self.heard.add(int(call.removeprefix("number-")))

    def begin(self):
        for thread in self.threads:
            thread.start()

    def end(self):
        self.is_ending.set()
        for thread in self.threads:
            thread.join()

    def lost(self):
        return sorted(set(range(self.sent)) - self.heard)


def handles(gateway):
    return sorted(sa["spi_in"] for sa in gateway.show("sas") if sa["owner"] != "peer")


def main():
    run = Scenario(NODES, families=(6,))
    with run:
        domains = TwoDomains(run)
        gateway = domains.gateway_a
        one = attached(run, "t1", T1, GWA, "abc.com", USER_A, "correct horse a")
        two = attached(run, "t2", T2, GWB, "xyz.com", USER_B, "correct horse b")
        before = handles(gateway)
        load = Load(one, two)
        load.begin()
        try:
            wait_until(lambda: len(load.heard) >= BEFORE, MEANWHILE_S, "messages pass")
            killed, since = load.sent, time.monotonic()
            gateway.kill_dataplane()
            run.equal("DPDK's directory does not outlive it", dpdk_directories([run.topology.netns("gwa")]), [])
            gateway.start_dataplane()
            wait_until(domains.is_linked, PEERS_S, "the gateways are linked again")
            wait_until(lambda: max(load.heard) > killed, MEANWHILE_S, "a message passes again")
            back, away = load.sent, time.monotonic() - since
            wait_until(lambda: len([i for i in load.heard if i >= back]) >= AFTER, MEANWHILE_S,
                       "messages pass as before")
        finally:
            load.end()
        lost = load.lost()
        # some are on their way when it is killed, and where it is heard is a moment behind where it is said
        on_the_way = int(1 / EVERY_S)
        run.check(f"of {load.sent} messages {len(lost)} are lost, all while it was away ({away:.1f} s)",
                  not lost or (lost[0] >= killed - on_the_way and lost[-1] < back), [lost[:1], lost[-1:], killed, back])
        run.check("and it was noticed that it was away", len(lost) >= 1)
        run.equal("after it not one is lost", [i for i in lost if i >= back], [])
        run.equal("the terminals go on with the SAs they had", handles(gateway), before)
        run.equal("nobody exchanged keys anew", gateway.controlplane.output().count("key exchange of"), 1)
        answer = one.ask(one.request("OPTIONS", "sip:abc.com", call_id="still-there"))
        run.equal("the terminal is registered still", answer and answer.status, 200)
        for stranger in (one, two):
            stranger.close()
    return run.status


if __name__ == "__main__":
    sys.exit(main())
