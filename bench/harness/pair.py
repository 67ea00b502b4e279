"""A gateway and a generator on one wire, and what they say together: nothing that is not verified."""

import math
import time

import machine
from figures import at, figure, put
from gateway import Gateway, make_terminals, memif
from lab import LabError
from loadgen import Loadgen

FAMILY = 6
BYTES = 700
# The gateway's worker, or Kamailio's receiver, has one core; everything else shares the other.
WORKER_CORE = 1
OTHER_CORE = 0
# With so much of the machine in others' hands a figure says little about us.
COMPANY_SHARE = 0.05
FIRST = 100000  # where a search begins that knows nothing


class Run:
    """What a section is given: where, how long, and the report that it adds to."""

    def __init__(self, lab, mode, report, until=math.inf):
        self.lab = lab
        self.mode = mode
        self.report = report
        self._until = until  # of time.monotonic()

    def check_time(self):
        """Raises LabError if the whole run has had its time: nothing more is begun then."""
        if time.monotonic() > self._until:
            raise LabError(f"the run has had its {self.mode.limit_s():.0f} s")

    def put(self, path, value):
        put(self.report, path, value)

    def at(self, path):
        return at(self.report, path)

    def note(self, text):
        if text not in self.report["notes"]:
            self.report["notes"].append(text)

    def point(self, count):
        """Returns what is known with so many terminals."""
        points = self.report.setdefault("by_terminals", [])
        for point in points:
            if point["terminals"] == count:
                return point
        points.append({"terminals": count})
        return points[-1]


def check(job):
    """A report of the generator from which nothing may be quoted if anything in it is wrong."""
    if job["escaped"] or job["refused"] or job["complaints"]:
        raise LabError(f"what came back was not right: {job['complaint']}")
    return job


class Pair:
    # Seconds that a message may be late and not lost; shared memory holds some milliseconds' worth.
    drain = 0.4

    def __init__(self, run, gateway, loadgen):
        self.run = run
        self.gateway = gateway
        self.loadgen = loadgen
        self.first = FIRST

    def company(self):
        return machine.Company([self.loadgen.process, self.gateway.dataplane,
                                self.gateway.controlplane])

    def worker_waited_us(self):
        """Returns how long the gateway's worker has waited for its processor since it began."""
        return machine.waited_us(self.gateway.dataplane, "rte-worker")

    def job(self, scenario, **settings):
        self.run.check_time()
        with self.company() as company:
            job = check(self.loadgen.do(scenario, bytes=BYTES, **settings))
        job["company"] = company.share
        self.run.report["messages_verified"] += job["delivered_messages"]
        if company.share > COMPANY_SHARE:
            self.run.note("Others used the machine meanwhile: figures are lower, and further "
                          "apart, than they are on a quiet one.")
        return job

    def find(self, scenario, find="ndr", **settings):
        """Returns (the rate that one search found, whether the generator was its limit)."""
        mode = self.run.mode
        job = self.job(scenario, find=find, rate=min(self.first, mode.most), most=mode.most,
                       drain=self.drain, seconds=mode.seconds, warmup=mode.seconds / 5,
                       resolution=mode.resolution, attempts=mode.attempts, **settings)
        if not job["found"]:
            raise LabError(f"{scenario}: no rate is without loss")
        self.first = max(1, round(job["found"] * 0.8))
        return job["found"], job["generator_bound"]

    def search(self, scenario, find="ndr", **settings):
        """Returns the rates found by repeated searches; each begins near the one before.

        generator_bound: how many of the searches ended where the generator did, not the gateway.
        """
        found = [self.find(scenario, find, **settings) for _ in range(self.run.mode.repeats)]
        return figure((rate for rate, _ in found), generator_bound=sum(bound for _, bound in found))

    def busy_once(self, scenario, rate):
        """Returns the worker's busy cycles a message of one job, the port's included."""
        before = self.gateway.show("workers")[0]
        job = self.job(scenario, rate=rate, seconds=self.run.mode.seconds, warmup=0)
        after = self.gateway.show("workers")[0]
        return (after["busy_cycles"] - before["busy_cycles"]) / job["delivered_messages"]

    def busy(self, scenario, rate):
        """Returns the figure of repeats of this, and cycles a second."""
        cycles = [self.busy_once(scenario, rate) for _ in range(self.run.mode.repeats)]
        return figure(cycles), self.gateway.show("workers")[0]["cycles_per_second"]

    def stop(self):
        self.loadgen.stop()
        self.gateway.stop()


# A gateway for terminals without a channel: their links are worth nothing, and marked so all the
# same, so that every message has the header lines that it has through ESP.
CLEAR = {"insecure-access": "any", "route-security-add-level": 0}


def memif_pair(run, count=None, is_secure=True):
    """A gateway on one core and the generator on the other, joined by shared memory."""
    count = count or run.mode.main
    wire = run.lab.make_directory("wire")
    terminals = make_terminals(run.lab, wire, count, FAMILY, *([] if is_secure else ["--insecure"]))
    gateway = Gateway(run.lab, memif(wire, "server"), terminals, count + 64, FAMILY,
                      (OTHER_CORE, WORKER_CORE), memory_mb=256, **({} if is_secure else CLEAR))
    gateway.start()
    loadgen = Loadgen(run.lab, memif(wire, "client"), terminals, FAMILY, OTHER_CORE,
                      frames_mb=run.mode.frames_mb)
    return Pair(run, gateway, loadgen)
