"""Sections in which terminals attach: key exchange, mutual authentication, REGISTER, and refreshes."""

import subscribers
from authority import Authority
from figures import figure
from gateway import Gateway, make_terminals, memif
from lab import LabError
from loadgen import Loadgen
from pair import FAMILY, Pair

# The worker naps while it has nothing to do, and shares a core with the generator: the control plane
# has the other one to itself.
CONTROL_CORE = 0
SHARED_CORE = 1
# More than are under way at once find the gateway's answers in line behind each other.
WINDOW = 256
REFRESHES = 2000  # a second, where a search for more begins
STORM_S = 600
NO_FLOOD = 10000000  # a flood threshold that is never reached


def attach_gateway(run, wire, terminals, count, **settings):
    """A gateway to which so many terminals may attach, the control plane alone on its core."""
    gateway = Gateway(run.lab, memif(wire, "server"), terminals, count + 64, FAMILY,
                      (SHARED_CORE, SHARED_CORE), memory_mb=256, idle=True,
                      control_core=CONTROL_CORE,
                      **{"password-iterations": subscribers.ITERATIONS, **settings})
    gateway.start()
    return gateway


def attach_generator(run, wire, terminals, authority=None):
    return Loadgen(run.lab, memif(wire, "client"), terminals, FAMILY, SHARED_CORE,
                   frames_mb=run.mode.frames_mb, authority=authority and authority.folder)


def all_registered(run, job, count):
    """Every one of them is registered, or there is no figure."""
    if job["registered"] != count or job["refused"] or job["complaints"]:
        raise LabError(f"{job['registered']} of {count} registered: {job.get('complaint')}")
    run.report["messages_verified"] += 3 * count  # two of the exchange, the 200
    return job


class Attached:
    """A gateway and so many terminals that have just attached, and how fast that went."""

    def __init__(self, run, count, authority=None):
        wire = run.lab.make_directory("wire")
        terminals = make_terminals(run.lab, wire, count, FAMILY)
        more = {"certificates": authority.settings()} if authority else {}
        self.gateway = attach_gateway(run, wire, terminals, 2 * count, statics=False,
                                      **{"flood-threshold": NO_FLOOD, **more})
        subscribers.add(self.gateway, 1, count, is_by_certificate=authority is not None)
        self.loadgen = attach_generator(run, wire, terminals, authority)
        before = self.gateway.controlplane.cpu_seconds()
        self.job = all_registered(run, self.loadgen.do("attach", window=WINDOW, seconds=STORM_S),
                                  count)
        self.rate = count / self.job["seconds"]
        self.own_rate = count / max(0.01, self.gateway.controlplane.cpu_seconds() - before)

    def stop(self):
        self.loadgen.stop()
        self.gateway.stop()


def refreshed(run, attached):
    """Returns (refreshes a second without loss, and by the control plane's own time)."""
    mode = run.mode
    pair = Pair(run, attached.gateway, attached.loadgen)
    job = pair.job("register", find="ndr", rate=min(REFRESHES, mode.most), most=mode.most,
                   seconds=mode.seconds, resolution=mode.resolution, attempts=mode.attempts)
    found = job["found"]
    before = attached.gateway.controlplane.cpu_seconds()
    job = pair.job("register", rate=max(1, found / 2), seconds=4 * mode.seconds, warmup=0)
    own = attached.gateway.controlplane.cpu_seconds() - before
    return found, job["completed"]["register"] / max(0.01, own)


def registration(run):
    """Full registrations a second, then refreshes: wall clock, and by the control plane's own time."""
    rates, own, refreshes, refresh_own = [], [], [], []
    for _ in range(run.mode.repeats):
        attached = Attached(run, run.mode.attaching)
        found, by_own = refreshed(run, attached)
        attached.stop()
        rates.append(attached.rate)
        own.append(attached.own_rate)
        refreshes.append(found)
        refresh_own.append(by_own)
    run.put("registration.full_per_second", figure(rates))
    run.put("registration.full_per_second_of_controlplane_time", figure(own))
    run.put("registration.refresh_per_second", figure(refreshes))
    run.put("registration.refresh_per_second_of_controlplane_time", figure(refresh_own))


def certified(run):
    """The same by certificate, each terminal its own; the gateway proves itself by one, too."""
    authority = Authority(run.lab)
    rates, own = [], []
    for _ in range(run.mode.repeats):
        attached = Attached(run, run.mode.certified, authority)
        attached.stop()
        rates.append(attached.rate)
        own.append(attached.own_rate)
    run.put("registration.by_certificate_per_second", figure(rates))
    run.put("registration.by_certificate_per_second_of_controlplane_time", figure(own))


def storm(run):
    """All terminals attach at once, while others call: how long, what the calls lose, memory."""
    mode = run.mode
    wire, other = run.lab.make_directory("wire"), run.lab.make_directory("wire")
    everybody = make_terminals(run.lab, wire, mode.callers + mode.storm, FAMILY)
    # The gateway knows the first of them from the file; the others are to attach.
    callers = other / "terminals.yaml"
    callers.write_text(everybody.read_text().replace(f"count: {mode.callers + mode.storm}\n",
                                                     f"count: {mode.callers}\n"))
    gateway = attach_gateway(run, wire, callers, 2 * (mode.callers + mode.storm))
    subscribers.add(gateway, mode.callers + 1, mode.storm)
    loadgen = attach_generator(run, wire, everybody)
    before = gateway.controlplane.cpu_seconds()
    job = all_registered(run, loadgen.do("attach", first=mode.callers + 1, terminals=mode.storm,
                                         seconds=STORM_S, callers=mode.callers, calls=mode.calls),
                         mode.storm)
    if job["calls_complaints"]:
        raise LabError(f"a call was not right: {job['calls_complaint']}")
    if job["calls_lost"]:
        run.note(f"Storm: {job['calls_lost']} of {job['calls_offered']} calls were lost.")
    run.put("storm.terminals", mode.storm)
    run.put("storm.seconds", figure([job["seconds"]]))
    run.put("storm.controlplane_seconds",
            figure([gateway.controlplane.cpu_seconds() - before]))
    for name in ("sent_again", "begun_again", "put_off"):
        run.put(f"storm.{name}", job[name])
    run.put("storm.calls_offered", job["calls_offered"])
    run.put("storm.calls_lost", job["calls_lost"])
    for name in ("p50", "p99", "p999"):
        run.put(f"storm.call_answer_us.{name}", job["calls_answer"][f"{name}_us"])
    run.put("storm.controlplane_peak_mb", figure([gateway.controlplane.peak_mb()]))
    run.put("storm.dataplane_peak_mb", figure([gateway.dataplane.peak_mb()]))
