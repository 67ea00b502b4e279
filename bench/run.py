#!/usr/bin/python3
"""Measures everything that docs/benchmarking.md tells of, from live processes, and writes the report.

    bench/run.py [--build DIR] [--full | --smoke] [--repeats N] [--seconds S] [--only SECTION,...]
                 [--out DIR]

Writes DIR/report.json, DIR/report.html and DIR/report.md (DIR: build/bench) and prints a table.
Needs root, for network namespaces. A figure that could not be had is not in the report; a note says
why, the last lines say which section failed, and the exit status is 1. --smoke runs every section on
real processes and measures nothing worth a look: whether the bench itself works.
"""

import argparse
import dataclasses
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
import markdown
import mode
import page
import required
import sections
import terminal
from lab import Lab, LabError, run
from pair import Run


def commit():
    source = HERE.parent
    done = run(["git", "-c", f"safe.directory={source}", "-C", source, "rev-parse", "--short",
                "HEAD"], check=False)
    return done.stdout.strip() or "unknown"


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", default=str(HERE.parent / "build"))
    length = parser.add_mutually_exclusive_group()
    length.add_argument("--full", dest="mode", action="store_const", const="full", default="quick",
                        help="longer trials, more repeats")
    length.add_argument("--smoke", dest="mode", action="store_const", const="smoke",
                        help="only whether every section works")
    parser.add_argument("--repeats", type=int, help="how often each thing is measured")
    parser.add_argument("--seconds", type=float, help="how long a trial takes")
    parser.add_argument("--only", default="", help="sections, comma-separated: "
                        + ", ".join(name for name, _ in sections.ALL))
    parser.add_argument("--out", help="where the report goes (default: BUILD/bench)")
    return parser.parse_args()


def wanted(options):
    """Returns the sections that are asked for."""
    names = [name for name in options.only.split(",") if name]
    unknown = set(names) - {name for name, _ in sections.ALL}
    if unknown:
        sys.exit(f"run.py: no such section: {', '.join(sorted(unknown))}")
    return [(name, section) for name, section in sections.ALL if not names or name in names]


def chosen(options):
    """Returns the mode that is asked for."""
    asked = {name: value for name, value in (("repeats", options.repeats), ("turns", options.repeats),
                                             ("seconds", options.seconds)) if value is not None}
    if any(value <= 0 for value in asked.values()):
        sys.exit("run.py: --repeats and --seconds take more than nothing")
    return dataclasses.replace(mode.MODES[options.mode], **asked)


def announce(options):
    """Says how long a whole run takes before it begins."""
    mode_asked = chosen(options)
    if not options.only:
        print(f"bench: {mode_asked.name}: some {duration(mode_asked.expected_s())}, and nothing is begun "
              f"after {duration(mode_asked.limit_s())}", file=sys.stderr, flush=True)


def duration(seconds):
    return f"{seconds / 3600:.1f} hours" if seconds >= 2 * 3600 else f"{seconds / 60:.0f} minutes"


def measure(options, report):
    """Runs the sections; returns {name: what was wrong} of those that did not come to their end."""
    failures, until = {}, time.monotonic() + chosen(options).limit_s()
    for name, section in wanted(options):
        began = time.monotonic()
        print(f"bench: {name} ...", file=sys.stderr, flush=True)
        try:
            with Lab(options.build, report["machine"]["hugepages"], options.mode != "smoke") as lab:
                begun = Run(lab, chosen(options), report, until)
                begun.check_time()
                section(begun)
        except Exception as error:  # whatever it is: the other sections have figures to give
            failures[name] = f"{type(error).__name__}: {error}"
            report["notes"].append(f"{name}: not measured to the end: {error}")
            traceback.print_exc()
        report["seconds"][name] = round(time.monotonic() - began, 1)
    return failures


def write(report, directory):
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "report.json").write_text(json.dumps(report, indent=1) + "\n")
    (directory / "report.html").write_text(page.render(report))
    (directory / "report.md").write_text(markdown.render(report))


def verdict(options, report, failures):
    """Says on stderr what is wrong, if anything is; returns the exit status."""
    lacking = [] if options.only else required.missing(report)
    for name, what in failures.items():
        print(f"bench: FAILED: {name}: {what}", file=sys.stderr)
    for path in lacking:
        print(f"bench: NOT IN THE REPORT: {path}", file=sys.stderr)
    seconds = sum(report["seconds"].values())
    if failures or lacking:
        print(f"bench: not whole: {len(failures)} section(s) failed, {len(lacking)} figure(s) "
              f"missing, after {seconds:.0f} s", file=sys.stderr)
        return 1
    print(f"bench: whole: {report['messages_verified']:,} messages verified in {seconds:.0f} s",
          file=sys.stderr)
    return 0


def main():
    options = arguments()
    out = pathlib.Path(options.out or pathlib.Path(options.build) / "bench")
    report = {
        "made": datetime.datetime.now().astimezone().isoformat(timespec="seconds"),
        "mode": options.mode,
        "asked": {"repeats": chosen(options).repeats, "seconds": chosen(options).seconds},
        "commit": commit(),
        "machine": machine.describe(os.environ.get("SEKISHO_HUGEPAGES") == "yes"),
        "notes": [],
        "seconds": {},
        "messages_verified": 0,
    }
    announce(options)
    failures = measure(options, report)
    sections.conclude(report)
    sections.remark(report)
    write(report, out)
    print("\n".join(terminal.render(report)))
    print(f"{out}/report.json, report.html, report.md")
    return verdict(options, report, failures)


if __name__ == "__main__":
    sys.exit(main())
