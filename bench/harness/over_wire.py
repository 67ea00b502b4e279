"""Sections that send real traffic through a gateway with static terminals."""

from figures import figure
from gateway import Gateway, make_terminals
from loadgen import Loadgen
from pair import FAMILY, OTHER_CORE, WORKER_CORE, Pair, memif_pair
from veth import Veth

# A worker that has more to do than it can takes full bursts: what that costs is what it can do.
FULLY = 1.5
VETH_FIRST = 30000
FLOOD_LEAST = 400  # messages: of a kind that is one of twenty, none at all is then out of the question


def throughput(run):
    """Over memif: PDR, busy cycles, latency, a flood; the NDR is that of the comparison."""
    pair = memif_pair(run)
    ndr = run.at("gateway.ndr_messages_per_second")
    if not ndr:  # this section alone
        ndr = run.point(run.mode.main)["ndr"] = pair.search("message")
        run.put("gateway.ndr_messages_per_second", ndr)
    pair.first = max(1, round(ndr["median"] * 0.8))
    run.put("gateway.pdr_messages_per_second", pair.search("message", "pdr"))
    busy, cycles_per_second = pair.busy("message", min(ndr["median"] * FULLY, run.mode.most))
    run.put("gateway.busy_cycles_per_message", busy)
    run.put("gateway.capacity_messages_per_second",
            figure(cycles_per_second / one for one in busy["values"]))
    latency(run, pair, ndr["median"])
    flood(run, pair, ndr["median"])


def latency(run, pair, ndr):
    for name, share in (("tenth_ndr", 0.1), ("half_ndr", 0.5), ("nine_tenths_ndr", 0.9)):
        jobs, waited = [], []
        for _ in range(run.mode.repeats):
            before = pair.worker_waited_us()
            jobs.append(pair.job("message", rate=ndr * share, seconds=run.mode.seconds * 2))
            if before is not None:
                waited.append(pair.worker_waited_us() - before)
        for quantile in ("p50", "p90", "p99", "p999"):
            run.put(f"latency_us.{name}.{quantile}",
                    figure(job["delivery"][f"{quantile}_us"] for job in jobs))
        if waited:
            run.put(f"latency_us.{name}.worker_waited", figure(waited))
        pauses(run, f"latency_us.{name}", jobs)
        run.put(f"latency_us.{name}.lost",
                figure((job["lost"] for job in jobs),
                       generator_bound=sum(job["generator_bound"] for job in jobs)))


def pauses(run, path, jobs):
    """How long the generator was off its core, and the latency that it has no part in."""
    run.put(f"{path}.generator_longest_pause", figure(job["pauses"]["max_us"] for job in jobs))
    run.put(f"{path}.spared.share",
            figure(job["delivery_spared"]["count"] / max(1, job["delivery"]["count"])
                   for job in jobs))
    spared = [job["delivery_spared"] for job in jobs if job["delivery_spared"]["count"]]
    for quantile in ("p50", "p99", "p999") if spared else ():
        run.put(f"{path}.spared.{quantile}", figure(one[f"{quantile}_us"] for one in spared))


def flood(run, pair, ndr):
    """Half of what comes is hostile, at four fifths of what the gateway takes without loss."""
    kept, sent, rate = [], {}, ndr * 0.8
    for _ in range(run.mode.repeats):
        job = pair.job("message", rate=rate, seconds=max(run.mode.seconds, FLOOD_LEAST / rate),
                       spoofed=350, forged=50, replayed=50, scanner=50)
        kept.append(job["completed"].get("message", 0) / job["offered"]["message"])
        for kind, count in job["offered"].items():
            sent[kind] = sent.get(kind, 0) + count
    run.put("flood.legitimate_kept", figure(kept))
    run.put("flood.sent", sent)


def terminals(run):
    """The NDR over memif by number of terminals."""
    for count in run.mode.terminals:
        if count == run.mode.main:
            continue
        pair = memif_pair(run, count)
        run.point(count)["ndr"] = pair.search("message")
        pair.stop()


def veth_pair(run):
    """The same gateway with the kernel's veth for a wire."""
    near, far = run.lab.netns("gw"), run.lab.netns("lg")
    veth = Veth(run.lab, near, far)
    wire = run.lab.make_directory("wire")
    count = run.mode.main
    terminals_file = make_terminals(run.lab, wire, count, FAMILY)
    gateway = Gateway(run.lab, veth.vdev(), terminals_file, count + 64, FAMILY,
                      (OTHER_CORE, WORKER_CORE), netns=near, memory_mb=256)
    gateway.start()
    loadgen = Loadgen(run.lab, veth.vdev(), terminals_file, FAMILY, OTHER_CORE, netns=far,
                      frames_mb=run.mode.frames_mb)
    pair = Pair(run, gateway, loadgen)
    pair.first = VETH_FIRST
    return pair
