#!/usr/bin/python3
"""Many terminals lose their gateway in one moment: they come to the next one by one, not as a
storm.

     16 terminals -- t1 ------- to-t1 +--------+ to-gwa ------- gwa  abc.com, which is lost
                                      | router | to-gwb ------- gwb  abc.com
     12 terminals -- t3 ------- to-t3 +--------+
     whose only gateway never answers

When they asked is read from the wires; what is judged is each terminal's own wait, so that it does
not matter how slow this machine is in starting them.
"""

import pathlib
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
import captured
import configs
from sekisho_flow import Scenario, Terminal
from topology import GWA, GWB, PORT, PREFIX_LENGTH, T1, T3, comes_true

PASSWORD = "correct horse"
SILENT = "2001:abcd::dead"  # nobody's
LOSING, WAITING = 16, 12
KEEP_ALIVE, LOST_S, LIFE_S = "2s", 8.0, 8.0  # keep-alive, its life, and how long a gateway is asked
SPREAD_S = 2.0                               # ATTACH_SPREAD_MS
LATE_S = 2.0                                 # a busy machine may wake them so much too late,
# or send the packet so late that the wait is counted from
EARLY_S = 0.2
REGISTERED_S, AWAY_S = 60.0, 60.0
# evenly spread 2 would come in it; more than 10 by chance once in a million runs
BUSIEST_S, BUSIEST = 0.25, 10


class Herd:
    """Terminals of one node, each at an address of its own there."""

    def __init__(self, run, node, count, gateways, **settings):
        self.run, self.node = run, node
        network = node.ipv6.rpartition("::")[0]
        self.addresses = [f"{network}::1:{number}" for number in range(1, count + 1)]
        self.users = [f"{node.name}-{number}@abc.com" for number in range(1, count + 1)]
        self.gateways, self.settings = gateways, settings
        self.processes = []
        for address in self.addresses:
            run.topology.ip(node.name,
                            f"-6 address add {address}/{PREFIX_LENGTH[6]} dev {PORT} nodad")

    def start(self):
        for user, address in zip(self.users, self.addresses):
            directory = self.run.directory / user
            directory.mkdir()
            config = configs.write(directory / "terminal.yaml", {
                "aor": user, "address": address,
                "password-file": configs.write_secret(directory / "password", PASSWORD),
                "gateway": {"domain": "abc.com", "addresses": self.gateways},
                "control": {"socket": directory / "control"}, "channel": "off",
                **self.settings})
            command = [self.run.program(Terminal.PROGRAM), "run", "--config", config]
            self.processes.append(self.run.topology.spawn(self.node.name, command,
                                                          log=f"{user}-terminal"))

    def have_said(self, text, times):
        return all(process.output().count(text) >= times for process in self.processes)

    def stop(self):
        for process in self.processes:
            process.send(15)
        self.run.equal(f"all terminals of {self.node.name} end with status 0",
                       [process.stop() for process in self.processes], [0] * len(self.processes))


def packets(path):
    """[(time, Datagram)] of a capture."""
    return [(frame.time, captured.dissect(frame.bytes)) for frame in captured.read_pcap(path)]


def busiest(times, width):
    """The most of them that lie within so much time."""
    times = sorted(times)
    return max(sum(begin <= time <= begin + width for time in times) for begin in times)


def judge_loss(run, herd, wire):
    """Each waited by chance once it knew, and asked the next gateway with few messages."""
    waits, asked, more = [], 0, 0
    for address in herd.addresses:
        answers = [at for at, datagram in wire
                   if (datagram.source, datagram.destination) == (GWA.ipv6, address)]
        unanswered = [at for at, datagram in wire if datagram.kind == "esp" and at > max(answers)
                      and (datagram.source, datagram.destination) == (address, GWA.ipv6)]
        asking = [at for at, datagram in wire if datagram.kind == "sip"
                  and (datagram.source, datagram.destination) == (address, GWB.ipv6)]
        again = [at for at, datagram in wire if datagram.kind == "sip" and at > max(answers)
                 and (datagram.source, datagram.destination) == (address, GWA.ipv6)]
        waits.append(asking[0] - unanswered[0] - LOST_S)
        asked += len(asking)
        more += len(again)
    said = " ".join(f"{wait:.2f}" for wait in sorted(waits))
    run.check(f"each asked the next gateway within {SPREAD_S:g} s of the loss ({said})",
              min(waits) > -EARLY_S and max(waits) < SPREAD_S + LATE_S)
    run.check("not together: the waits lie apart", max(waits) - min(waits) > SPREAD_S * 0.4, said)
    run.check(f"in the busiest {BUSIEST_S:g} s of it came {busiest(waits, BUSIEST_S)} of {len(waits)}",
              busiest(waits, BUSIEST_S) <= BUSIEST, said)
    run.check(f"two messages each sufficed, at most sent twice ({asked} in all)",
              2 * LOSING <= asked <= 4 * LOSING)
    run.equal("the lost one was asked for nothing more", more, 0)


def attempts_of(wire, address):
    """When each attempt of a terminal began: its first message is another one each time."""
    first, count = {}, {}
    for at, datagram in wire:
        if datagram.kind == "sip" and (datagram.source, datagram.destination) == (address, SILENT):
            first.setdefault(datagram.payload, at)
            count[datagram.payload] = count.get(datagram.payload, 0) + 1
    begun = sorted(first, key=first.get)
    return [first[message] for message in begun], [count[message] for message in begun]


def judge_waits(run, herd, wire):
    """Where no gateway answers each wait is twice the one before, by chance half more or less."""
    attempts = [attempts_of(wire, address) for address in herd.addresses]
    for number, wait_s in ((1, 1.0), (2, 2.0)):
        waits = [begun[number] - begun[number - 1] - LIFE_S for begun, _ in attempts]
        said = " ".join(f"{wait:.2f}" for wait in sorted(waits))
        run.check(f"wait {number} is {wait_s:g} s, half more or less ({said})",
                  min(waits) > wait_s / 2 - EARLY_S and max(waits) < wait_s * 1.5 + LATE_S)
        run.check("each has its own", max(waits) - min(waits) > wait_s * 0.3, said)
    run.check("an attempt is five messages at most, further and further apart",
              all(2 <= count <= 5 for _, counts in attempts for count in counts[:2]),
              [counts for _, counts in attempts])


def main():
    with Scenario((T1, GWA, GWB, T3), families=(6,)) as run:
        captures = run.topology.capture("t1", "t3")
        waiting = Herd(run, T3, WAITING, [SILENT])
        waiting.start()
        losing = Herd(run, T1, LOSING, [GWA.ipv6, GWB.ipv6], **{"keep-alive": KEEP_ALIVE})
        gateways = []
        for name in ("gwa", "gwb"):
            gateways.append(run.gateway(name, "abc.com"))
            gateways[-1].start()
            for user in losing.users:
                gateways[-1].add_subscriber(user, PASSWORD)
        losing.start()
        run.check("all are registered at the first gateway",
                  comes_true(lambda: losing.have_said("registered as", 1), REGISTERED_S)
                  and len(gateways[0].show("registrations")) == LOSING)
        gateways[0].kill_controlplane()
        gateways[0].kill_dataplane()
        since = time.monotonic()
        run.check("each finds out that it is lost", comes_true(
            lambda: losing.have_said("the gateway does not answer any more", 1), AWAY_S))
        run.check("and all are registered at the other", comes_true(
            lambda: losing.have_said("registered as", 2), AWAY_S)
            and len(gateways[1].show("registrations")) == LOSING)
        print(f"        all were there after {time.monotonic() - since:.1f} s")
        run.check("who has no gateway that answers goes on trying", comes_true(
            lambda: waiting.have_said("the gateway did not answer the key exchange", 2), AWAY_S))
        run.check("and tries a third time", comes_true(lambda: all(
            len(attempts_of(packets(captures["t3"].path), address)[0]) >= 3
            for address in waiting.addresses), AWAY_S))
        for herd in (losing, waiting):
            herd.stop()
        for capture in captures.values():
            capture.stop()
        judge_loss(run, losing, packets(captures["t1"].path))
        judge_waits(run, waiting, packets(captures["t3"].path))
    return run.status


if __name__ == "__main__":
    sys.exit(main())
