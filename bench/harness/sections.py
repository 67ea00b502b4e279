"""What is measured, section by section. Each adds its figures to the report, or raises LabError."""

import dataclasses

import in_process
import machine
import subscribers
from figures import at, figure, put, ratio
from gateway import Gateway, make_terminals, memif
from kamailio import Kamailio, version
from lab import LabError
from loadgen import Loadgen
from veth import Veth
from gateway import GATEWAY, PREFIX, ROUTER

FAMILY = 6
TERMINALS = 4096
BYTES = 700
# The gateway's worker, or Kamailio's receiver, has one core; everything else shares the other.
WORKER_CORE = 1
OTHER_CORE = 0
# With so much of the machine in others' hands a figure says little about us.
COMPANY_SHARE = 0.05


@dataclasses.dataclass(frozen=True)
class Mode:
    seconds: float  # of a trial
    repeats: int
    resolution: float  # where a search ends
    attempts: int  # a rate has failed when it failed so often
    rounds: int  # of bench_pipeline
    terminals: tuple  # points of the curve
    storm: int
    frames_mb: int


QUICK = Mode(0.5, 3, 0.05, 2, 40, (64, 4096, 100000), 5000, 768)
FULL = Mode(5.0, 5, 0.01, 3, 200, (64, 1024, 4096, 16384, 100000, 1000000), 100000, 4096)


class Run:
    def __init__(self, lab, mode, report):
        self.lab = lab
        self.mode = mode
        self.report = report

    def put(self, path, value):
        put(self.report, path, value)

    def at(self, path):
        return at(self.report, path)

    def note(self, text):
        if text not in self.report["notes"]:
            self.report["notes"].append(text)


def check(job):
    """A report of the generator from which nothing may be quoted if anything in it is wrong."""
    if job["escaped"] or job["refused"] or job["complaints"]:
        raise LabError(f"what came back was not right: {job['complaint']}")
    return job


class Pair:
    """A gateway and a generator on one wire, and what they say together."""

    def __init__(self, run, gateway, loadgen):
        self.run = run
        self.gateway = gateway
        self.loadgen = loadgen
        self.first = 100000  # where the next search begins

    def company(self):
        return machine.Company([self.loadgen.process, self.gateway.dataplane,
                                self.gateway.controlplane])

    def job(self, scenario, **settings):
        with self.company() as company:
            job = check(self.loadgen.do(scenario, bytes=BYTES, **settings))
        job["company"] = company.share
        if company.share > COMPANY_SHARE:
            self.run.note("Others used the machine meanwhile: figures are lower, and further "
                          "apart, than they are on a quiet one.")
        return job

    def search(self, scenario, find="ndr", **settings):
        """Returns the rates found by repeated searches; each begins near the one before."""
        mode, found = self.run.mode, []
        for _ in range(mode.repeats):
            job = self.job(scenario, find=find, rate=self.first, seconds=mode.seconds,
                           warmup=mode.seconds / 5, resolution=mode.resolution,
                           attempts=mode.attempts, **settings)
            if not job["found"]:
                raise LabError(f"{scenario}: no rate is without loss")
            found.append(job["found"])
            self.first = round(job["found"] * 0.8)
        return figure(found)


def memif_pair(run, count=TERMINALS, **settings):
    wire = run.lab.make_directory("wire")
    terminals = make_terminals(run.lab, wire, count, FAMILY)
    gateway = Gateway(run.lab, memif(wire, "server"), terminals, count + 64, FAMILY,
                      (OTHER_CORE, WORKER_CORE), memory_mb=256, **settings)
    gateway.start()
    loadgen = Loadgen(run.lab, memif(wire, "client"), terminals, FAMILY, OTHER_CORE,
                      frames_mb=run.mode.frames_mb)
    return Pair(run, gateway, loadgen)


def parts(run):
    """The parts alone: the parser beside libosip2, ESP alone."""
    run.put("parser", in_process.parser(run.lab, WORKER_CORE))
    run.put("esp_only", in_process.esp(run.lab, WORKER_CORE, run.mode.repeats))
    for way, found in in_process.exchange(run.lab, WORKER_CORE, run.mode.repeats).items():
        run.put("registration.in_process_per_second" if way == "password" else
                f"registration.in_process_by_{way}_per_second", found)


def pipeline(run):
    """The whole way of a message in process, by number of terminals."""
    for count in run.mode.terminals:
        found = in_process.pipeline(run.lab, WORKER_CORE, count, run.mode.rounds, run.mode.repeats)
        _point(run, count)["in_process"] = found["messages_per_second"]
        _point(run, count)["cycles_per_message"] = found["cycles_per_message"]
        _point(run, count)["bytes_per_terminal"] = found["bytes_per_terminal"]
        if count != TERMINALS:
            continue
        run.put("gateway.in_process_messages_per_second", found["messages_per_second"])
        run.put("gateway.quiet_in_process_messages_per_second", found["quiet_messages_per_second"])
        run.put("gateway.cycles_per_message", found["cycles_per_message"])
        run.put("gateway.quiet_cycles_per_message", found["quiet_cycles_per_message"])
        run.put("gateway.ratio_to_floor", found["ratio_to_floor"])
        run.put("gateway.cycles_by_node", found["nodes"])
        run.put("gateway.in_process_messages_verified", found["messages_verified"])
        run.put("crypto_floor.cycles_per_message", found["crypto_floor_cycles"])
        run.put("crypto_floor.quiet_cycles_per_message", found["quiet_crypto_floor_cycles"])


def _point(run, count):
    points = run.report.setdefault("by_terminals", [])
    for point in points:
        if point["terminals"] == count:
            return point
    points.append({"terminals": count})
    return points[-1]


def throughput(run):
    """Over memif: NDR, PDR, busy cycles, latency, a flood, calls."""
    pair = memif_pair(run)
    ndr = pair.search("message")
    run.put("gateway.ndr_messages_per_second", ndr)
    _point(run, TERMINALS)["ndr"] = ndr
    run.put("gateway.pdr_messages_per_second", pair.search("message", "pdr"))
    busy(run, pair, ndr["median"])
    latency(run, pair, ndr["median"])
    flood(run, pair, ndr["median"])
    pair.first = ndr["median"] / 8
    run.put("sessions.with_ipsec_per_second", pair.search("call"))


def busy(run, pair, ndr):
    """The worker's busy cycles a message, I/O included: its capacity where the generator is slower."""
    cycles = []
    for _ in range(run.mode.repeats):
        before = pair.gateway.show("workers")[0]
        job = pair.job("message", rate=ndr / 2, seconds=run.mode.seconds, warmup=0)
        after = pair.gateway.show("workers")[0]
        cycles.append((after["busy_cycles"] - before["busy_cycles"]) / job["delivered_messages"])
    run.put("gateway.busy_cycles_per_message", figure(cycles))
    run.put("gateway.capacity_messages_per_second", figure(after["cycles_per_second"] / one
                                                           for one in cycles))


def latency(run, pair, ndr):
    for name, share in (("tenth_ndr", 0.1), ("half_ndr", 0.5), ("nine_tenths_ndr", 0.9)):
        jobs = [pair.job("message", rate=ndr * share, seconds=run.mode.seconds * 2)
                for _ in range(run.mode.repeats)]
        for quantile in ("p50", "p90", "p99", "p999"):
            run.put(f"latency_us.{name}.{quantile}",
                    figure(job["delivery"][f"{quantile}_us"] for job in jobs))
        run.put(f"latency_us.{name}.lost", figure(job["lost"] for job in jobs))


def flood(run, pair, ndr):
    """Half of what comes is hostile, at four fifths of what the gateway takes without loss."""
    kept, sent = [], {}
    for _ in range(run.mode.repeats):
        job = pair.job("message", rate=ndr * 0.8, seconds=run.mode.seconds, spoofed=350, forged=50,
                       replayed=50, scanner=50)
        kept.append(job["completed"].get("message", 0) / job["offered"]["message"])
        for kind, count in job["offered"].items():
            sent[kind] = sent.get(kind, 0) + count
    run.put("flood.legitimate_kept", figure(kept))
    run.put("flood.sent", sent)


def terminals(run):
    """The NDR over memif by number of terminals."""
    for count in run.mode.terminals:
        if count == TERMINALS:
            continue
        pair = memif_pair(run, count)
        _point(run, count)["ndr"] = pair.search("message")
        pair.loadgen.stop()
        pair.gateway.stop()


def veth_gateway(run):
    """The same gateway with the kernel's veth for a wire."""
    near, far = run.lab.netns("gw"), run.lab.netns("lg")
    veth = Veth(run.lab, near, far)
    wire = run.lab.make_directory("wire")
    terminals = make_terminals(run.lab, wire, TERMINALS, FAMILY)
    gateway = Gateway(run.lab, veth.vdev(), terminals, TERMINALS + 64, FAMILY,
                      (OTHER_CORE, WORKER_CORE), netns=near, memory_mb=256)
    gateway.start()
    loadgen = Loadgen(run.lab, veth.vdev(), terminals, FAMILY, OTHER_CORE, netns=far,
                      frames_mb=run.mode.frames_mb)
    pair = Pair(run, gateway, loadgen)
    pair.first = 30000
    run.put("veth.gateway.ndr_messages_per_second", pair.search("message"))


class KamailioPair(Pair):
    def __init__(self, run, name):
        near, far = run.lab.netns("kam"), run.lab.netns("lg")
        veth = Veth(run.lab, near, far)
        veth.give_address(near, GATEWAY[FAMILY], PREFIX[FAMILY], ROUTER[FAMILY])
        wire = run.lab.make_directory("wire")
        terminals = make_terminals(run.lab, wire, TERMINALS, FAMILY, "--insecure")
        self.proxy = Kamailio(run.lab, name, near, FAMILY, WORKER_CORE)
        loadgen = Loadgen(run.lab, veth.vdev(), terminals, FAMILY, OTHER_CORE, netns=far,
                          proxy="direct" if name == "stateless_forward" else "forward",
                          frames_mb=run.mode.frames_mb)
        super().__init__(run, None, loadgen)
        self.first = 20000

    def company(self):
        return machine.Company([self.loadgen.process, self.proxy])

    def register_all(self):
        # UDP may lose some on a busy machine: once through without loss, and all are there.
        for _ in range(5):
            job = self.job("register", rate=1000, seconds=TERMINALS / 1000 + 0.01, warmup=0,
                           drain=10)
            if not job["lost"]:
                return
        raise LabError("Kamailio does not take every registration")


def kamailio(run):
    """Kamailio, without IPsec, on one core: the same messages, the same search."""
    run.put("kamailio.version", version())
    for name in ("stateless_forward", "location_record_route"):
        pair = KamailioPair(run, name)
        if name != "stateless_forward":
            pair.register_all()
        run.put(f"kamailio.{name}.ndr_messages_per_second", pair.search("message"))
        pair.loadgen.stop()
        pair.proxy.stop()
    pair = KamailioPair(run, "stateful_relay")
    pair.register_all()
    pair.first = 1000
    calls = pair.search("call")
    run.put("kamailio.stateful_relay.ndr_calls_per_second", calls)
    # a call is five messages that it passes on
    run.put("kamailio.stateful_relay.ndr_messages_per_second",
            figure(5 * value for value in calls["values"]))


# The worker naps while it has nothing to do, and shares a core with the generator: the control plane
# has the other one to itself.
CONTROL_CORE = 0
SHARED_CORE = 1
# More than are under way at once find the gateway's answers in line behind each other.
WINDOW = 256
REFRESHES = 2000  # a second, where a search for more begins


def attach_gateway(run, wire, terminals, count, **settings):
    """A gateway whose subscribers have passwords, the control plane alone on its core."""
    gateway = Gateway(run.lab, memif(wire, "server"), terminals, 2 * count + 64, FAMILY,
                      (SHARED_CORE, SHARED_CORE), memory_mb=256, statics=False, idle=True,
                      control_core=CONTROL_CORE,
                      **{"password-iterations": subscribers.ITERATIONS, **settings})
    gateway.start()
    subscribers.add(gateway, 1, count)
    return gateway


def all_registered(job, count):
    if job["registered"] != count or job["refused"] or job["complaints"]:
        raise LabError(f"{job['registered']} of {count} registered: {job.get('complaint')}")
    return job


def registration(run):
    """Full registrations a second, then refreshes: wall clock, and by the control plane's own time."""
    count = run.mode.storm
    rates, own, refreshes, refresh_own = [], [], [], []
    for _ in range(run.mode.repeats):
        wire = run.lab.make_directory("wire")
        terminals = make_terminals(run.lab, wire, count, FAMILY)
        gateway = attach_gateway(run, wire, terminals, count, **{"flood-threshold": 10000000})
        loadgen = Loadgen(run.lab, memif(wire, "client"), terminals, FAMILY, SHARED_CORE,
                          frames_mb=run.mode.frames_mb)
        pair = Pair(run, gateway, loadgen)
        before = gateway.controlplane.cpu_seconds()
        job = all_registered(loadgen.do("attach", window=WINDOW, seconds=300), count)
        rates.append(count / job["seconds"])
        own.append(count / (gateway.controlplane.cpu_seconds() - before))
        pair.first = REFRESHES
        job = pair.job("register", find="ndr", rate=pair.first, seconds=run.mode.seconds,
                       resolution=run.mode.resolution, attempts=run.mode.attempts)
        refreshes.append(job["found"])
        before = gateway.controlplane.cpu_seconds()
        job = pair.job("register", rate=job["found"] / 2, seconds=4 * run.mode.seconds, warmup=0)
        refresh_own.append(job["completed"]["register"] /
                           (gateway.controlplane.cpu_seconds() - before))
        loadgen.stop()
        gateway.stop()
    run.put("registration.full_per_second", figure(rates))
    run.put("registration.full_per_second_of_controlplane_time", figure(own))
    run.put("registration.refresh_per_second", figure(refreshes))
    run.put("registration.refresh_per_second_of_controlplane_time", figure(refresh_own))


CALLERS = 1000  # static terminals that call each other meanwhile


def storm(run):
    """All terminals attach at once, while others call: how long, what the calls lose, memory."""
    count = run.mode.storm
    wire, other = run.lab.make_directory("wire"), run.lab.make_directory("wire")
    everybody = make_terminals(run.lab, wire, CALLERS + count, FAMILY)
    # The gateway knows the first of them from the file; the others are to attach.
    callers = other / "terminals.yaml"
    callers.write_text(everybody.read_text().replace(f"count: {CALLERS + count}\n",
                                                     f"count: {CALLERS}\n"))
    gateway = Gateway(run.lab, memif(wire, "server"), callers, 2 * (CALLERS + count) + 64, FAMILY,
                      (SHARED_CORE, SHARED_CORE), memory_mb=256, idle=True,
                      control_core=CONTROL_CORE, **{"password-iterations": subscribers.ITERATIONS})
    gateway.start()
    subscribers.add(gateway, CALLERS + 1, count)
    loadgen = Loadgen(run.lab, memif(wire, "client"), everybody, FAMILY, SHARED_CORE,
                      frames_mb=run.mode.frames_mb)
    job = all_registered(loadgen.do("attach", first=CALLERS + 1, terminals=count, seconds=600,
                                    callers=CALLERS, calls=100), count)
    run.put("storm.terminals", count)
    run.put("storm.seconds", figure([job["seconds"]]))
    run.put("storm.sent_again", job["sent_again"])
    run.put("storm.calls_offered", job["calls_offered"])
    run.put("storm.calls_lost", job["calls_lost"])
    run.put("storm.controlplane_peak_mb", figure([gateway.controlplane.peak_mb()]))
    run.put("storm.dataplane_peak_mb", figure([gateway.dataplane.peak_mb()]))


def conclude(report):
    """What follows from figures of several sections."""
    below = at(report, "kamailio.stateless_forward.ndr_messages_per_second")
    for name, above in (("in_process", "gateway.in_process_messages_per_second"),
                        ("memif", "gateway.ndr_messages_per_second"),
                        ("memif_by_busy_cycles", "gateway.capacity_messages_per_second"),
                        ("veth", "veth.gateway.ndr_messages_per_second")):
        found = ratio(at(report, above), below)
        if found:
            put(report, f"ratio.kamailio_stateless_forward.{name}", found)


ALL = (
    ("parts", parts),
    ("pipeline", pipeline),
    ("throughput", throughput),
    ("terminals", terminals),
    ("veth", veth_gateway),
    ("kamailio", kamailio),
    ("registration", registration),
    ("storm", storm),
)
