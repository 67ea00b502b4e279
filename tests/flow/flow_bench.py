#!/usr/bin/python3
"""The bench measures: every section on real processes, so short that no figure is worth a look.

What is asked here is whether the harness and the programs still understand each other, and whether
the report has what was promised. How long anything took is nobody's business here.
"""

import json
import pathlib
import subprocess
import sys
import tempfile

SOURCE = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path[:0] = [str(SOURCE / "tests/flow"), str(SOURCE / "tests")]
from checklist import Checklist
from sekisho_flow import build_directory

LIMIT_S = 600  # a machine that is busy with other things
# What whoever reads the report was promised, each with its median and spread.
PROMISED = (
    "gateway.ndr_messages_per_second", "gateway.cycles_per_message",
    "crypto_floor.cycles_per_message", "esp_forwarding.cycles_per_message",
    "clear.cycles_per_message", "sessions.ipsec_tax.in_process",
    "kamailio.stateless_forward.ndr_messages_per_second",
    "kamailio.location_record_route.ndr_messages_per_second",
    "kamailio.stateful_relay.ndr_messages_per_second",
    "ratio.kamailio_stateless_forward.in_process", "ratio.kamailio_stateless_forward.memif",
    "ratio.kamailio_stateless_forward.veth", "registration.full_per_second",
    "registration.by_certificate_per_second", "registration.refresh_per_second",
    "latency_us.half_ndr.p50", "latency_us.half_ndr.p99", "latency_us.half_ndr.p999",
    "sessions.with_ipsec_per_second", "sessions.without_ipsec_per_second",
    "sessions.ipsec_tax.calls", "flood.legitimate_kept", "storm.seconds")
CHARTS = ("messages a second without loss", "throughput against terminals", "latency by quantile",
          "cycles a packet by node")


def at(report, path):
    for key in path.split("."):
        report = report.get(key, {}) if isinstance(report, dict) else {}
    return report


def judge(checks, directory):
    report = json.loads((directory / "report.json").read_text())
    for path in PROMISED:
        found = at(report, path)
        checks.check(f"{path} is there, with its spread",
                     {"median", "min", "max", "spread", "values"} <= set(found) and
                     found["median"] > 0, found)
    checks.check("every message that a figure stands on was verified",
                 report["messages_verified"] > 1000, report["messages_verified"])
    checks.equal("a flood displaces no legitimate message", at(report, "flood.legitimate_kept.min"),
                 1.0)
    checks.check("all kinds of hostile ones were in it", set(at(report, "flood.sent")) >=
                 {"message", "spoofed", "replayed", "forged", "scanner"}, at(report, "flood.sent"))
    checks.check("there were calls while terminals attached", at(report, "storm.calls_offered") > 0)
    checks.equal("and none of them was lost", at(report, "storm.calls_lost"), 0)
    checks.check("libosip2 read the same messages", len(report["parser"]) > 0 and
                 all(row["libosip2"] > 0 and row["ours"] > 0 for row in report["parser"]))
    checks.equal("every suite is there", len(report["by_suite"]), 7)
    nodes = [set(at(report, f"{way}.cycles_by_node")) for way in ("gateway", "clear")]
    checks.equal("in the clear there is no ESP, and with ESP nothing in the clear",
                 ({"sk_esp_open", "sk_esp_seal"} & nodes[1], {"sk_clear_in", "sk_clear_out"} & nodes[0]),
                 (set(), set()))
    checks.equal("all else is on both ways", nodes[0] - {"sk_esp_open", "sk_esp_seal"},
                 nodes[1] - {"sk_clear_in", "sk_clear_out"})
    page = (directory / "report.html").read_text()
    for chart in CHARTS:
        checks.check(f"the page has its chart: {chart}", f'aria-label="{chart}"' in page)
    checks.check("the page fetches nothing", not any(word in page for word in
                                                     ("http", "src=", "@import", "url(")))
    checks.check("what is to be quoted has the figures, too",
                 "| messages/s without loss" in (directory / "report.md").read_text())


def main():
    checks = Checklist()
    with tempfile.TemporaryDirectory() as name:
        directory = pathlib.Path(name)
        done = subprocess.run(
            [sys.executable, str(SOURCE / "bench/run.py"), "--smoke", "--build",
             str(build_directory()), "--out", name], capture_output=True, text=True,
            timeout=LIMIT_S, check=False)
        checks.equal("it ends with status 0", done.returncode, 0)
        if done.returncode != 0:
            print(done.stderr)
        checks.check("and says that it is whole", "bench: whole: " in done.stderr,
                     done.stderr[-2000:])
        if (directory / "report.json").exists():
            judge(checks, directory)
        else:
            checks.check("there is a report", False)
    return checks.close()


if __name__ == "__main__":
    sys.exit(main())
