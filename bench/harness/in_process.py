"""The benchmarks that need no wire: bench_pipeline, bench_esp, bench_parser, bench_exchange."""

import json
import re

from figures import figure
from lab import SOURCE, LabError, run

CORPUS = SOURCE / "tests/fuzz/corpus/sip"
MESSAGES = ("example-1-1-invite-hop1.sip", "example-1-1-invite-hop3.sip",
            "example-1-3-200-hop4.sip", "example-1-4-ack-to-the-200-hop1.sip",
            "example-1-5-bye-by-terminal-1-hop1.sip")


def _program(lab, core, name, *words):
    return ["taskset", "-c", str(core), lab.program(f"bench/{name}"), *words]


def pipeline(lab, core, terminals, rounds, repeats):
    """Returns figures of the whole way in process; every message is verified by the program."""
    words = ["--terminals", terminals, "--rounds", rounds, "--json"]
    if lab.hugepages:
        words.append("--huge")
    runs = []
    for _ in range(repeats):
        done = run(_program(lab, core, "bench_pipeline", *words), timeout=600)
        runs.append(json.loads(done.stdout[done.stdout.index("{"):]))
    nodes = {name: node["cycles"] for name, node in runs[-1]["nodes"].items()}
    return {
        "terminals": terminals,
        "cycles_per_message": figure(one["cycles_per_message"] for one in runs),
        "quiet_cycles_per_message": figure(one["quiet"]["cycles_per_message"] for one in runs),
        "messages_per_second": figure(one["messages_per_second"] for one in runs),
        "quiet_messages_per_second": figure(one["quiet"]["messages_per_second"] for one in runs),
        "crypto_floor_cycles": figure(one["crypto_floor_cycles"] for one in runs),
        "quiet_crypto_floor_cycles": figure(one["quiet"]["crypto_floor_cycles"] for one in runs),
        "ratio_to_floor": figure(one["ratio"] for one in runs),
        "bytes_per_terminal": figure(one["bytes_per_terminal"] for one in runs),
        "message_bytes": runs[-1]["message_bytes"],
        "messages_verified": sum(one["messages_verified"] for one in runs),
        "tsc_hz": runs[-1]["tsc_hz"],
        "nodes": nodes,
        "messages": runs[-1]["messages"],
    }


def esp(lab, core, repeats):
    """Returns ESP opened and sealed and nothing else, cycles a packet, beside its floor."""
    found = {}
    for _ in range(repeats):
        done = run(_program(lab, core, "bench_esp", "4096", "700", "20"), timeout=300)
        # name, least, median
        for name, median in re.findall(r"^(\S.*?\S)\s+\d+(?:\.\d+)?\s+(\d+(?:\.\d+)?)$",
                                       done.stdout, re.M):
            found.setdefault(name, []).append(float(median))
    if not found:
        raise LabError("bench_esp says nothing that could be read")
    return {name: figure(values) for name, values in found.items()}


def parser(lab, core):
    """Returns [{"message", "bytes", "ours", "libosip2"}], cycles."""
    done = run(_program(lab, core, "bench_parser", *(CORPUS / name for name in MESSAGES)),
               timeout=300)
    # bytes, ours, libosip2, times, file
    rows = [{"message": file.rsplit("/", 1)[-1].removesuffix(".sip"), "bytes": int(size),
             "ours": float(ours), "libosip2": float(theirs)}
            for size, ours, theirs, file in re.findall(
                r"^\s*(\d+)\s+(\d+)\s+(\d+)\s+[\d.]+\s+(\S+\.sip)", done.stdout, re.M)]
    if not rows:
        raise LabError("bench_parser says nothing that could be read")
    return rows


def exchange(lab, core, repeats):
    """Returns {"password", "certificate"}: full attachments a second in process."""
    rates = {}
    for _ in range(repeats):
        done = run(_program(lab, core, "bench_exchange"), timeout=300)
        for way, rate in re.findall(r"^by (\w+)$.*?^\s*all together.*?(\d+) a second$", done.stdout,
                                    re.M | re.S):
            rates.setdefault(way, []).append(float(rate))
    if "password" not in rates:
        raise LabError("bench_exchange says nothing that could be read")
    return {way: figure(values) for way, values in rates.items()}
