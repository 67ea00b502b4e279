#!/usr/bin/python3
"""Fails when docs/packet-path.dot or docs/packet-path.md and the running graph differ.

    packet_path_test.py SEKISHO-DATAPLANE DOT-FILE MARKDOWN-FILE
"""

import pathlib
import re
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))
from checklist import Checklist

RUNNING_EDGE = re.compile(r'"sk_(\w+)"\s*->\s*"sk_(\w+)"')
DRAWN_EDGE = re.compile(r"^\s*(\w+) -> (\w+);", re.MULTILINE)
DESCRIBED_NODE = re.compile(r"^\| `(\w+)` \|", re.MULTILINE)


def running_edges(program):
    printed = subprocess.run([program, "--print-graph"], capture_output=True, text=True,
                             check=True, timeout=60).stdout
    return set(RUNNING_EDGE.findall(printed))


def compare(checks, running, drawing, text):
    drawn = set(DRAWN_EDGE.findall(drawing))
    nodes = {node for edge in running for node in edge}
    described = set(DESCRIBED_NODE.findall(text))
    checks.equal("every edge that runs is drawn", sorted(running - drawn), [])
    checks.equal("every edge that is drawn runs", sorted(drawn - running), [])
    checks.equal("every node that runs is described", sorted(nodes - described), [])
    checks.equal("every node that is described runs", sorted(described - nodes), [])


class Silent:
    def write(self, _text):
        pass

    def flush(self):
        pass


def check_that_it_can_fail(checks):
    planted = Checklist(Silent())
    compare(planted, {("a", "b"), ("b", "c")}, "\ta -> b;\n\tb -> d;\n",
            "| `a` | x |\n| `z` | x |\n")
    checks.equal("planted differences are found, all four kinds", len(planted.failures), 4)


def main():
    program, drawing, text = sys.argv[1:]
    checks = Checklist()
    check_that_it_can_fail(checks)
    running = running_edges(program)
    checks.check("the graph has edges", len(running) > 20)
    compare(checks, running, pathlib.Path(drawing).read_text(), pathlib.Path(text).read_text())
    return checks.close()


if __name__ == "__main__":
    sys.exit(main())
