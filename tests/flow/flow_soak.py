#!/usr/bin/python3
"""Registrations come and go, through real processes at full speed: each a key exchange, a proof by
password and a REGISTER inside the new SA. Nothing of those before stays.

              memif
    loadgen ========= gwa
    TERMINALS that attach again and again, each time as if they had crashed

    flow_soak.py [REGISTRATIONS]

Both planes' counts must be exact whenever it rests. The suite takes 5,000 registrations; a measurement
takes a million (`make soak`), for which room for 70,000 SAs suffices only if each gives its place
back, and then the memory of both processes must not grow from the middle to the end.
"""

import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent.parent / "bench/harness"), str(HERE), str(HERE.parent)]
import configs
from checklist import Checklist
import subscribers
from gateway import Gateway, make_terminals, memif
from lab import Lab, LabError
from loadgen import Loadgen
from sekisho_flow import build_directory

FAMILY = 6
REGISTRATIONS = 5000
EACH_ROUND = 500  # terminals, of the suite; a measurement has ten times as many
MEASURED = 200_000  # from so many on memory is looked at: half of them have been in every place there is
WINDOW = 64
PLACES = 10_000  # of SAs, besides: a place rests for up to 4 s before another has it
MEASURED_PLACES = 60_000
ROUND_S = 300
EXPIRES_S = 10  # of the last round: the least there is
GONE_S = 90.0
NO_FLOOD = 10_000_000  # a flood threshold that is never reached
# Of the control plane. What the exchanges of the last half minute have left is kept for retransmissions, about a
# kilobyte each: as much more or less as the machine was faster or slower. A lost SA or binding is far more.
GROWTH_BYTES = 200  # a registration
ALLOCATOR_MB = 8


def resident_mb(process):
    with open(f"/proc/{process.popen.pid}/status") as file:
        return sum(int(line.split()[1]) for line in file if line.startswith("VmRSS:")) / 1024


class Soak:
    def __init__(self, checks, lab, registrations):
        self.checks, self.registrations = checks, registrations
        is_measured = registrations >= MEASURED
        self.terminals = EACH_ROUND * (10 if is_measured else 1)
        places = 2 * self.terminals + (MEASURED_PLACES if is_measured else PLACES)
        wire = lab.make_directory("wire")
        file = make_terminals(lab, wire, self.terminals, FAMILY)
        self.gateway = Gateway(lab, memif(wire, "server"), file, places, FAMILY, cores=None,
                               memory_mb=256 if is_measured else 128, statics=False,
                               **{"password-iterations": subscribers.ITERATIONS,
                                  "flood-threshold": NO_FLOOD,
                                  # An SA's place rests as long as a 200th of this.
                                  "lifetimes": {"soft": "3min", "hard": "6min"},
                                  "registration": {"min": f"{EXPIRES_S}s"}})
        self.gateway.start()
        subscribers.add(self.gateway, 1, self.terminals)
        self.loadgen = Loadgen(lab, memif(wire, "client"), file, FAMILY, core=None)
        self.done, self.busy_s, self.put_off = 0, 0.0, 0

    def counts(self):
        """Returns how many SAs and bindings the control plane has, and SAs the data plane."""
        status = self.gateway.show("status")
        return status["sas"], status["bindings"], len(self.gateway.show("sas"))

    def memory(self):
        return [resident_mb(process) for process in (self.gateway.controlplane,
                                                     self.gateway.dataplane)]

    def round(self, expires=3600):
        report = self.loadgen.do("attach", window=WINDOW, seconds=ROUND_S, expires=expires)
        self.done += report["registered"]
        self.busy_s += report["seconds"]
        self.put_off += report["put_off"]
        return (report["registered"], report["refused"], report["complaints"]) == \
            (self.terminals, 0, 0)

    def rounds(self, until):
        """Rounds until so many are done; are all of them good?"""
        while self.done < until:
            if not self.round():
                return False
        return True

    def tell(self, sentence):
        control, data = self.memory()
        print(f"        {sentence}: {self.done} registrations, {self.done / self.busy_s:.0f} a second"
              f" while under way, {self.put_off} put off; control plane {control:.1f} MB, data plane"
              f" {data:.1f} MB; SAs, bindings, SAs of the data plane {self.counts()}", flush=True)

    def play(self):
        checks, all_there = self.checks, (self.terminals,) * 3
        checks.equal("nobody is there", self.counts(), (0, 0, 0))
        checks.check("the first half registers, each time anew", self.rounds(self.registrations // 2))
        checks.becomes("of each terminal one SA and one binding is there", self.counts, all_there,
                       GONE_S)
        self.tell("half of it")
        before, middle = self.memory(), self.done
        checks.check("and the second half", self.rounds(self.registrations))
        checks.becomes("still of each one SA and one binding", self.counts, all_there, GONE_S)
        self.tell("all of it")
        if self.registrations >= MEASURED:
            for name, bytes_each, now, then in zip(("control", "data"), (GROWTH_BYTES, 0),
                                                   self.memory(), before):
                most = ALLOCATOR_MB + bytes_each * (self.done - middle) / 2**20
                checks.check(f"the {name} plane has not grown ({now - then:+.1f} MB, at most"
                             f" {most:.1f})", now - then < most)
        checks.check("a last time, for a moment", self.round(EXPIRES_S))
        checks.becomes("with the registrations SAs and bindings end", self.counts, (0, 0, 0), GONE_S)
        checks.equal("no registration is left", self.gateway.show("registrations"), [])
        self.tell("at the end")
        checks.equal("the generator ends with status 0", self.loadgen.stop(), 0)
        self.gateway.stop()


def main():
    checks = Checklist()
    registrations = int(sys.argv[1]) if len(sys.argv) > 1 else REGISTRATIONS
    try:
        with Lab(build_directory(), configs.uses_hugepages()) as lab:
            Soak(checks, lab, registrations).play()
    except LabError as error:
        checks.check(f"the scenario runs to its end: {error}", False)
    return checks.close()


if __name__ == "__main__":
    sys.exit(main())
