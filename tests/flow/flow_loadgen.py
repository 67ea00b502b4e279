#!/usr/bin/python3
"""A few hundred simulated terminals of sekisho-loadgen against a gateway, over a shared-memory wire.

              memif
    loadgen ========= gwa
    300 terminals     their keys from the same file

Its counts and the gateway's must agree to the last message: calls, MESSAGEs, a flood in between.
How long anything took is nobody's business here.
"""

import sys
import pathlib

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parent.parent.parent / "bench/harness"),
                str(pathlib.Path(__file__).resolve().parent), str(pathlib.Path(__file__).resolve().parent.parent)]
import configs
from checklist import Checklist
from gateway import Gateway, make_terminals, memif
from lab import Lab, LabError
from loadgen import Loadgen
from sekisho_flow import build_directory

TERMINALS = 300
# Rates that a machine that is busy with other things keeps up with.
CALLS = 200
MESSAGES = 1000
SECONDS = 2
DRAIN = 30


def total(counts):
    return sum(counts.values())


def judge(checks, what, report):
    """What every report must say: nothing lost, nothing wrong."""
    checks.equal(f"{what}: nothing is lost",
                 (report["lost"], report["warmup_lost"], report["refused"]), (0, 0, 0))
    checks.equal(f"{what}: everything that came back is right", report["complaint"], {})
    checks.equal(f"{what}: nothing came through that must not", report["escaped"], 0)


def nodes(gateway):
    return {row["name"]: row["value"] for row in gateway.show("counters") if row["worker"] == 0}


def calls(checks, gateway, loadgen):
    before = nodes(gateway)
    report = loadgen.do("call", rate=CALLS, seconds=SECONDS, warmup=0, drain=DRAIN)
    after = nodes(gateway)
    made = CALLS * SECONDS
    checks.equal("every call is set up and ended", report["completed"], {"call": made})
    judge(checks, "calls", report)
    checks.equal("a call is five messages", report["delivered_messages"], 5 * made)
    for node, each in (("sk_esp_open", 5), ("sk_esp_seal", 5), ("sk_rewrite", 3),
                       ("sk_response", 2), ("sk_policy", 1)):
        checks.equal(f"{node} has seen {each} of each call", after[node] - before[node],
                     each * made)


def messages(checks, gateway, loadgen):
    report = loadgen.do("message", rate=MESSAGES, seconds=SECONDS, warmup=0.1, drain=DRAIN)
    checks.equal("every MESSAGE is delivered", report["completed"],
                 {"message": MESSAGES * SECONDS})
    judge(checks, "MESSAGEs", report)
    checks.equal("no time was taken for one that did not come", report["delivery"]["count"],
                 MESSAGES * SECONDS)


def flood(checks, gateway, loadgen):
    before = gateway.drops()
    report = loadgen.do("message", rate=MESSAGES, seconds=SECONDS, warmup=0, drain=DRAIN,
                        spoofed=200, replayed=100, forged=100, scanner=100)
    after = gateway.drops()
    offered = report["offered"]
    judge(checks, "a flood", report)
    checks.check("all kinds of hostile ones were sent",
                 all(offered.get(kind, 0) > 0
                     for kind in ("spoofed", "replayed", "forged", "scanner")), offered)
    checks.equal("everything is in the count", total(offered), MESSAGES * SECONDS)
    checks.equal("every legitimate one is delivered", report["completed"]["message"],
                 offered["message"])
    checks.equal("every spoofed one is answered 403", report["completed"]["spoofed"],
                 offered["spoofed"])
    for kind, reason in (("replayed", "esp_replay"), ("forged", "esp_icv"),
                         ("scanner", "clear_not_admitted")):
        checks.equal(f"every {kind} one is dropped as {reason}",
                     after.get(reason, 0) - before.get(reason, 0), offered[kind])


def warnings(checks, gateway):
    checks.check("the log warns of keys in a file",
                 "UNSAFE STATIC KEYS" in gateway.controlplane.output())
    checks.check("so does the status", "UNSAFE STATIC KEYS" in gateway.show("status").get("warning", ""))


def scenario(checks, family):
    with Lab(build_directory(), configs.uses_hugepages()) as lab:
        wire = lab.make_directory("wire")
        terminals = make_terminals(lab, wire, TERMINALS, family)
        gateway = Gateway(lab, memif(wire, "server"), terminals, TERMINALS + 1, family, cores=None)
        gateway.start()
        warnings(checks, gateway)
        loadgen = Loadgen(lab, memif(wire, "client"), terminals, family, core=None)
        calls(checks, gateway, loadgen)
        messages(checks, gateway, loadgen)
        flood(checks, gateway, loadgen)
        checks.equal("the generator ends with status 0", loadgen.stop(), 0)
        checks.equal("the control plane ends with status 0", gateway.controlplane.stop(), 0)
        checks.equal("the data plane ends with status 0", gateway.dataplane.stop(), 0)


def main():
    checks = Checklist()
    try:
        for family in (6, 4):
            scenario(checks, family)
    except LabError as error:
        checks.check(f"the scenario runs to its end: {error}", False)
    return checks.close()


if __name__ == "__main__":
    sys.exit(main())
