#!/usr/bin/python3
"""A storm of strangers: from as many networks as they like they ask for key exchanges, and a
terminal with a live channel refreshes, renews its keys and calls as if there were none.

         t1 ------- to-t1 +--------+ to-gwa ------- gwa  abc.com
     user-a@abc.com       | router |
         t3 ------- to-t3 +--------+
     NETWORKS forged sources, one IPv6 /64 each, then all of one
"""

import multiprocessing
import pathlib
import signal
import socket
import struct
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
import configs
from hasty import checksum
from sekisho_flow import Scenario
from stranger import SIP_PORT, Netns, Stranger
from topology import SINGLE_GATEWAY

USER_A, USER_C = "user-a@abc.com", "user-c@abc.com"
PASSWORD = "correct horse"
NETWORKS = 4000
RATE = 20_000  # far more than key exchanges that can be answered; less than the veth loses
BATCH = 40
STORM_S = 8.0
AGAIN_S = (0.5, 1.0, 2.0)  # a request is sent again after each of them
REPEATED_S = 2.0  # a message is sent after 0, 0.5 and 1.5 s (RFC 3261 17.1.2.1)


def forged(source, destination, payload):
    """IPv6 and UDP headers around it."""
    src, dst = (socket.inet_pton(socket.AF_INET6, text) for text in (source, destination))
    udp = struct.pack(">HHHH", SIP_PORT, SIP_PORT, len(payload) + 8, 0)
    pseudo = src + dst + struct.pack(">II", len(payload) + 8, socket.IPPROTO_UDP)
    udp = udp[:6] + struct.pack(">H", checksum(pseudo + udp + payload))
    return struct.pack(">IHBB", 0x60000000, len(payload) + 8, socket.IPPROTO_UDP,
                       64) + src + dst + \
        udp + payload


class Storm:
    """Sends the same packets round and round, RATE of them a second, from a process of its own."""

    def __init__(self, netns, packets, gateway):
        self.packets, self.to = packets, (gateway, 0, 0, 0)
        with Netns(netns):
            self.raw = socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_RAW)
        self.count = multiprocessing.Value("q", 0, lock=False)
        self.process = multiprocessing.Process(target=self._blow, daemon=True)

    @property
    def sent(self):
        return self.count.value

    def _blow(self):
        begun = time.monotonic()
        while True:
            for at in range(0, len(self.packets), BATCH):
                for packet in self.packets[at:at + BATCH]:
                    try:
                        self.raw.sendto(packet, self.to)
                        self.count.value += 1
                    except OSError:
                        pass
                time.sleep(max(0.0, self.count.value / RATE - (time.monotonic() - begun)))

    def __enter__(self):
        self.process.start()
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.join()
        self.raw.close()


class Play:
    def __init__(self, run):
        self.run, self.net = run, run.topology
        self.repeated = 0
        self.gateway = run.gateway("gwa", "abc.com")
        self.gateway.start()
        for user in (USER_A, USER_C):
            self.gateway.add_subscriber(user, PASSWORD)
        self.gateway.ctl("policy", "add", 10, "allow", "@abc.com", "@abc.com", "any")
        self.one = self.stranger("t1", USER_A)
        self.one.attach()
        run.equal("the terminal registers", self.one.register().status, 200)

    def stranger(self, node, user):
        return Stranger(self.net.netns(node), self.net.nodes[node], self.net.nodes["gwa"],
                        "abc.com", user, PASSWORD)

    def storm(self, sources):
        """Message 1, whole and well-formed, from each of them."""
        stranger = self.stranger("t3", USER_C)
        first = stranger.first()
        gateway = stranger.gateway
        stranger.close()
        packets = [forged(source, gateway, first.replace(
            f"[{self.net.nodes['t3'].address()}]".encode(), f"[{source}]".encode()))
            for source in sources]
        return Storm(self.net.netns("t3"), packets, gateway)

    def ask(self, data):
        """Asks as a terminal does: again where nothing has come (RFC 3261 17.1.2.2), for a wire
        whose end is not read for a while loses packets of anybody's."""
        for seconds in AGAIN_S:
            answer = self.one.ask(data, seconds)
            if answer is not None:
                return answer
            self.repeated += 1
        return None

    def serves(self, sentence, storm):
        """Through the SA everything is answered, soon, while it blows."""
        one, worst, answered, asked = self.one, 0.0, 0, 0
        until = time.monotonic() + STORM_S
        while time.monotonic() < until:
            begin = time.monotonic()
            answer = self.ask(one.registration() if asked % 2 else
                              one.request("OPTIONS", "sip:abc.com"))
            asked += 1
            answered += answer is not None and answer.status == 200
            worst = max(worst, time.monotonic() - begin)
        print(f"        {sentence}: {storm.sent / STORM_S:.0f} forged a second; {answered} of {asked}"
              f" through the SA answered, the slowest after {worst * 1000:.0f} ms,"
              f" {self.repeated} asked again until now")
        self.run.equal(f"{sentence}: every refresh and OPTIONS is answered", answered, asked)
        self.run.check(f"{sentence}: within {sum(AGAIN_S):g} s", worst < sum(AGAIN_S))
        self.run.check(f"{sentence}: it was a storm", storm.sent > 1000 * STORM_S, storm.sent)

    def many_networks(self):
        sources = [f"2001:db8:{number:x}::1" for number in range(1, NETWORKS + 1)]
        before = self.gateway.drops()
        with self.storm(sources) as storm:
            self.serves("from many networks", storm)
        reasons = {name: count - before.get(name, 0) for name,
                   count in self.gateway.drops().items()}
        print(f"        dropped: { {name: count for name, count in reasons.items() if count} }")

    def one_network(self):
        """Of one /64 each source counts as the same: what is too much is dropped by its rate."""
        sources = [f"2001:db8:ffff:1::{number:x}" for number in range(1, NETWORKS + 1)]
        before = self.in_clear()
        with self.storm(sources) as storm:
            self.serves("from one /64", storm)
        came, dropped = (now - then for now, then in zip(self.in_clear(), before))
        self.run.check(f"of {storm.sent} of one /64 {came} came in: it was a storm to the gateway, too",
                       came > 1000 * STORM_S)
        self.run.check("of those nearly everything is dropped by its rate", dropped > 0.9 * came,
                       (dropped, came))

    def in_clear(self):
        """Returns how many messages in clear have come in, and been dropped by their source's
        rate."""
        rows = self.gateway.show("counters")
        return [sum(row["value"] for row in rows if row["name"] == name)
                for name in ("sk_clear_in", "clear_rate")]

    def another_comes(self):
        """Who is told to prove his address first does, and is in, also when the answers come so
        late that he has asked several times and is told several times."""
        self.gateway.settings["flood-threshold"] = 0  # from now on it is always a flood
        configs.write(self.gateway.directory / "controlplane.yaml",
                      configs.controlplane(self.gateway))
        self.run.equal("a flood is declared", self.gateway.ctl("configure", "commit").returncode, 0)
        two = self.run.terminal("t3", self.gateway, USER_C, PASSWORD)
        controlplane = self.gateway.controlplane
        controlplane.send(signal.SIGSTOP)
        try:
            two.start()
            time.sleep(REPEATED_S)
        finally:
            controlplane.send(signal.SIGCONT)
        self.run.check("another attaches by the cookie of a flood", two.wait_for("registered"))
        said = controlplane.output()
        self.run.check("nothing that he sent was refused", "refused" not in said, said[-600:])
        self.run.equal("no SA but theirs is there", len(self.gateway.show("sas")), 2)
        two.stop()


def main():
    with Scenario(SINGLE_GATEWAY, families=(6,)) as run:
        play = Play(run)
        play.many_networks()
        play.one_network()
        play.another_comes()
    return run.status


if __name__ == "__main__":
    sys.exit(main())
