#!/usr/bin/python3
"""Measures everything that docs/benchmarking.md tells of, from live processes, and writes the report.

    bench/run.py [--build DIR] [--full] [--only SECTION,...] [--out DIR]

Writes DIR/report.json and DIR/report.html (DIR: build/bench) and prints a table. Needs root, for
network namespaces. A figure that could not be had is not in the report; a note says why, and the
exit status is 1.
"""

import argparse
import datetime
import json
import os
import pathlib
import sys
import time
import traceback

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE / "harness"), str(HERE / "report")]
import machine
import page
import sections
import terminal
from lab import Lab, LabError, run


def commit():
    source = HERE.parent
    done = run(["git", "-c", f"safe.directory={source}", "-C", source, "rev-parse", "--short",
                "HEAD"], check=False)
    return done.stdout.strip() or "unknown"


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", default=str(HERE.parent / "build"))
    parser.add_argument("--full", action="store_true", help="longer trials, more repeats")
    parser.add_argument("--only", default="", help="sections, comma-separated: "
                        + ", ".join(name for name, _ in sections.ALL))
    parser.add_argument("--out", help="where the report goes (default: BUILD/bench)")
    return parser.parse_args()


def measure(options, report):
    """Runs the sections; returns whether all of them came to their end."""
    wanted = [name for name in options.only.split(",") if name]
    unknown = set(wanted) - {name for name, _ in sections.ALL}
    if unknown:
        sys.exit(f"run.py: no such section: {', '.join(sorted(unknown))}")
    is_whole = True
    for name, section in sections.ALL:
        if wanted and name not in wanted:
            continue
        began = time.monotonic()
        print(f"bench: {name} ...", file=sys.stderr, flush=True)
        try:
            with Lab(options.build, report["machine"]["hugepages"]) as lab:
                section(sections.Run(lab, sections.FULL if options.full else sections.QUICK, report))
        except (LabError, OSError, KeyError, ValueError) as error:
            is_whole = False
            report["notes"].append(f"{name}: not measured to the end: {error}")
            traceback.print_exc()
        report["seconds"][name] = round(time.monotonic() - began, 1)
    return is_whole


def write(report, directory):
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "report.json").write_text(json.dumps(report, indent=1) + "\n")
    (directory / "report.html").write_text(page.render(report))


def main():
    options = arguments()
    out = pathlib.Path(options.out or pathlib.Path(options.build) / "bench")
    report = {
        "made": datetime.datetime.now().astimezone().isoformat(timespec="seconds"),
        "mode": "full" if options.full else "quick",
        "commit": commit(),
        "machine": machine.describe(os.environ.get("SEKISHO_HUGEPAGES") == "yes"),
        "notes": [],
        "seconds": {},
    }
    is_whole = measure(options, report)
    sections.conclude(report)
    write(report, out)
    print("\n".join(terminal.render(report)))
    print(f"{out}/report.json, {out}/report.html")
    return 0 if is_whole else 1


if __name__ == "__main__":
    sys.exit(main())
