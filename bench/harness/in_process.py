"""The benchmarks that need no wire, each a program of its own that says what it found as JSON."""

import json

from figures import figure
from lab import SOURCE, LabError, run

CORPUS = SOURCE / "tests/fuzz/corpus/sip"
MESSAGES = ("example-1-1-invite-hop1.sip", "example-1-1-invite-hop3.sip",
            "example-1-3-200-hop4.sip", "example-1-4-ack-to-the-200-hop1.sip",
            "example-1-5-bye-by-terminal-1-hop1.sip")
TIMEOUT_S = 600


def told(lab, cores, name, *words):
    """Runs bench/NAME on these cores; returns what it says."""
    done = run(["taskset", "-c", cores, lab.program(f"bench/{name}"), "--json", *words],
               timeout=TIMEOUT_S, **lab.process_options)
    try:
        return json.loads(done.stdout)
    except ValueError as error:
        raise LabError(f"{name} says nothing that could be read: {error}") from None


def _pipeline(lab, cores, words):
    return told(lab, cores, "bench_pipeline", *words, *(["--huge"] if lab.hugepages else []))


def _verified(one):
    if not one["messages_verified"]:
        raise LabError("bench_pipeline has verified nothing")
    return one


def pipeline(lab, core, repeats, *words):
    """Returns figures of the whole way in process; every message is verified by the program."""
    runs = [_verified(_pipeline(lab, core, words)) for _ in range(repeats)]
    found = {
        "cycles_per_message": figure(one["cycles_per_message"] for one in runs),
        "quiet_cycles_per_message": figure(one["quiet"]["cycles_per_message"] for one in runs),
        "messages_per_second": figure(one["messages_per_second"] for one in runs),
        "quiet_messages_per_second": figure(one["quiet"]["messages_per_second"] for one in runs),
        "bytes_per_terminal": figure(one["bytes_per_terminal"] for one in runs),
        "messages_verified": sum(one["messages_verified"] for one in runs),
        "nodes": {name: node["cycles"] for name, node in runs[-1]["nodes"].items()},
    }
    if not runs[0]["clear"]:  # where nothing is encrypted there is no floor
        found["crypto_floor_cycles"] = figure(one["crypto_floor_cycles"] for one in runs)
        found["quiet_crypto_floor_cycles"] = figure(one["quiet"]["crypto_floor_cycles"] for one in runs)
        found["ratio_to_floor"] = figure(one["ratio"] for one in runs)
    return found


def race(lab, workers, repeats, *words):
    """Returns messages a second of one worker and of several side by side, each on a core."""
    cores = f"0-{workers - 1}"
    runs = [_verified(_pipeline(lab, cores, ("--workers", workers, *words)))
            for _ in range(repeats)]
    found = {"workers": workers}
    for way in ("by_clock", "by_clock_with_handoff", "by_processor_time", "crypto_floor_by_clock",
                "crypto_floor_by_processor_time"):
        for key in ("one_worker", "all_workers", "each_other_adds"):
            found.setdefault(way, {})[key] = figure(one[way][key] for one in runs)
    return found


def esp(lab, core, repeats, rounds):
    """Returns ESP opened and sealed and nothing else, cycles a packet, beside its floor."""
    found = {}
    for _ in range(repeats):
        for name, one in told(lab, core, "bench_esp", 4096, 700, rounds)["cycles"].items():
            found.setdefault(name, []).append(one["median"])
    return {name: figure(values) for name, values in found.items()}


def parser(lab, core):
    """Returns [{"message", "bytes", "ours", "scalar", "libosip2"}], cycles."""
    return [{"message": row["message"].removesuffix(".sip"), "bytes": row["bytes"],
             "ours": row["cycles"], "scalar": row["cycles_scalar"],
             "libosip2": row["libosip2_cycles"]}
            for row in told(lab, core, "bench_parser", *(CORPUS / name for name in MESSAGES))]


def exchange(lab, core, repeats, subscribers, rounds):
    """Returns {"password", "certificate"}: full attachments a second in process."""
    rates = {}
    for _ in range(repeats):
        found = told(lab, core, "bench_exchange", subscribers, rounds)
        if not found["verified"]:
            raise LabError("bench_exchange has verified nothing")
        for way in ("password", "certificate"):
            rates.setdefault(way, []).append(found[way]["registration_full_per_second"])
    return {way: figure(values) for way, values in rates.items()}


def distance(lab, one, other):
    """Returns how long a cache line takes from one core to the other and back, ns."""
    return told(lab, f"{one},{other}", "bench_cores", one, other)["round_trip_ns"]


def pauses(lab, core, seconds):
    """Returns how much of a core that spins was not its own, and for how long at a time."""
    return told(lab, core, "bench_pauses", seconds)
