"""What is measured, section by section. Each adds its figures to the report, or raises LabError."""

import os

import in_process
from attaching import certified, registration, storm
from beside_kamailio import kamailio
from comparison import comparison
from figures import at, figure, put, ratio
from ipsec_tax import sessions
from over_wire import terminals, throughput
from pair import OTHER_CORE, WORKER_CORE

# Cores that a gateway with two workers wants: theirs, the generator's, and one for all else.
CORES_FOR_WORKERS = 4
RACE_TERMINALS = 4096  # what bench_pipeline wants for it at least
SUITES = {1: "AES-128-GCM", 2: "AES-256-GCM", 3: "AES-128-CBC, SHA-256", 4: "AES-128-CBC, SHA-1",
          5: "NULL, SHA-256", 6: "AES-256-CBC, SHA-256", 7: "NULL, AES-128-GMAC"}


def parts(run):
    """The parts alone: the parser beside libosip2, ESP alone, key exchange."""
    mode = run.mode
    run.put("parser", in_process.parser(run.lab, WORKER_CORE))
    run.put("esp_only", in_process.esp(run.lab, WORKER_CORE, mode.repeats, mode.esp_rounds))
    ways = in_process.exchange(run.lab, WORKER_CORE, mode.repeats, mode.exchange_subscribers,
                               mode.exchange_rounds)
    run.put("registration.in_process_per_second", ways["password"])
    run.put("registration.in_process_by_certificate_per_second", ways["certificate"])


def pipeline(run):
    """The whole way of a message in process: by number of terminals, by suite, ESP alone."""
    mode = run.mode
    for count in mode.terminals:
        found = in_process.pipeline(run.lab, WORKER_CORE, mode.repeats, "--terminals", count,
                                    "--rounds", mode.rounds)
        run.report["messages_verified"] += found["messages_verified"]
        point = run.point(count)
        point["in_process"] = found["messages_per_second"]
        point["cycles_per_message"] = found["cycles_per_message"]
        point["bytes_per_terminal"] = found["bytes_per_terminal"]
        if count == mode.main:
            main(run, found)
    esp_forwarding(run)
    clear(run)
    suites(run)
    workers(run)


def main(run, found):
    run.put("gateway.in_process_messages_per_second", found["messages_per_second"])
    run.put("gateway.quiet_in_process_messages_per_second", found["quiet_messages_per_second"])
    run.put("gateway.cycles_per_message", found["cycles_per_message"])
    run.put("gateway.quiet_cycles_per_message", found["quiet_cycles_per_message"])
    run.put("gateway.ratio_to_floor", found["ratio_to_floor"])
    run.put("gateway.cycles_by_node", found["nodes"])
    run.put("crypto_floor.cycles_per_message", found["crypto_floor_cycles"])
    run.put("crypto_floor.quiet_cycles_per_message", found["quiet_crypto_floor_cycles"])


def another_way(run, name, option):
    """The main number of terminals, another way; returns what was found."""
    found = in_process.pipeline(run.lab, WORKER_CORE, run.mode.repeats, "--terminals",
                                run.mode.main, "--rounds", run.mode.rounds, option)
    run.report["messages_verified"] += found["messages_verified"]
    for what in ("cycles_per_message", "quiet_cycles_per_message", "messages_per_second"):
        run.put(f"{name}.{what}", found[what])
    return found


def esp_forwarding(run):
    """The same packets through the same graph, opened and sealed again, no SIP between."""
    another_way(run, "esp_forwarding", "--esp-only")


def clear(run):
    """The same messages of terminals without IPsec: the same graph but its two ESP nodes."""
    run.put("clear.cycles_by_node", another_way(run, "clear", "--clear")["nodes"])


def suites(run):
    """The whole way by suite, those without encryption among them."""
    for suite, name in SUITES.items():
        found = in_process.pipeline(run.lab, WORKER_CORE, 1, "--terminals", run.mode.main,
                                    "--rounds", max(1, run.mode.rounds // 4), "--suite", suite)
        run.report["messages_verified"] += found["messages_verified"]
        run.put(f"by_suite.{name}", {"cycles_per_message": found["cycles_per_message"],
                                     "crypto_floor_cycles": found["crypto_floor_cycles"]})


def workers(run):
    """Two workers side by side in process; end to end only where there are cores for it."""
    cores = os.cpu_count()
    if cores < 2:
        run.note("One processor: nothing is said of two workers.")
        return
    run.put("two_workers.in_process",
            in_process.race(run.lab, 2, 1, "--terminals", max(RACE_TERMINALS, run.mode.main),
                            "--rounds", run.mode.rounds))
    if cores < CORES_FOR_WORKERS:
        run.note(f"More than one worker end to end is not measured: that takes "
                 f"{CORES_FOR_WORKERS} cores, this machine has {cores}. Two in process are.")


def pauses(run):
    """How quiet the machine is: what a latency can be worth on it."""
    for name, core in (("worker_core", WORKER_CORE), ("other_core", OTHER_CORE)):
        found = [in_process.pauses(run.lab, core, run.mode.seconds) for _ in range(run.mode.repeats)]
        run.put(f"machine_pauses.{name}.share", figure(one["share"] for one in found))
        run.put(f"machine_pauses.{name}.longest_us", figure(one["longest_us"] for one in found))


def conclude(report):
    """What follows from figures of several sections."""
    found = ratio(at(report, "gateway.capacity_messages_per_second"),
                  at(report, "kamailio.stateless_forward.ndr_messages_per_second"))
    if found:
        put(report, "ratio.kamailio_stateless_forward.memif_by_busy_cycles", found)
    found = ratio(at(report, "gateway.cycles_per_message"), at(report, "clear.cycles_per_message"))
    if found:
        put(report, "sessions.ipsec_tax.in_process", found)


def bounded(report, path=""):
    """Returns the names of figures of which a search ended where the generator did."""
    found = []
    for key, value in report.items():
        name = f"{path}.{key}" if path else key
        if isinstance(value, dict):
            found += [name] if value.get("generator_bound") else bounded(value, name)
    return found


def remark(report):
    """Notes that follow from the figures."""
    if report["mode"] == "smoke":
        report["notes"].insert(0, "A smoke run: no figure here says anything.")
    names = bounded(report)
    if names:
        report["notes"].append(
            f"Bound by the generator, not by what was measured: {', '.join(names)}. For the gateway "
            "see its busy cycles and what they come to.")


ALL = (
    ("pauses", pauses),
    ("parts", parts),
    ("pipeline", pipeline),
    ("comparison", comparison),
    ("throughput", throughput),
    ("sessions", sessions),
    ("terminals", terminals),
    ("kamailio", kamailio),
    ("registration", registration),
    ("certified", certified),
    ("storm", storm),
)
