#!/usr/bin/python3
"""What bench/ makes of its figures: medians, ratios, a table, a page that needs nothing else."""

import dataclasses
import pathlib
import sys
import time
import xml.etree.ElementTree

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "bench/harness"), str(HERE.parent / "bench/report")]
import markdown
import mode
import page
import required
import sections
import svg
import terminal
from checklist import Checklist
from figures import at, figure, put, quotients, ratio
from lab import LabError
from pair import Run


def figures(checks):
    found = figure([3, 1, 2])
    checks.equal("a figure is a median and its ends",
                 (found["median"], found["min"], found["max"], found["spread"]),
                 (2.0, 1.0, 3.0, 1.0))
    checks.equal("one value has no spread", figure([5])["spread"], 0.0)
    above, below = figure([10, 12, 14]), figure([2, 3, 4])
    checks.equal("a ratio is that of the medians, its ends the widest",
                 (ratio(above, below)["median"], ratio(above, below)["min"],
                  ratio(above, below)["max"]), (4.0, 2.5, 7.0))
    checks.equal("a ratio to nothing is none", ratio(above, None), None)
    checks.equal("a ratio to zero is none", ratio(above, figure([0])), None)
    checks.equal("what was measured in turns is divided turn by turn", quotients([6, 9], [2, 3]),
                 [3.0, 3.0])
    report = {}
    put(report, "a.b.c", 1)
    checks.equal("a figure stands where its name says", report, {"a": {"b": {"c": 1}}})
    checks.equal("one that is not there is none", (at(report, "a.x"), at(report, "a.b.c.d")),
                 (None, None))


def lengths(checks):
    quick, full = mode.QUICK, mode.FULL
    checks.check("a quick run is one of minutes", quick.expected_s() < 600, quick.expected_s())
    checks.check("a full run is one of hours", 2 < full.expected_s() / 3600 < 6, full.expected_s())
    checks.check("shorter trials make it shorter",
                 dataclasses.replace(full, seconds=1, repeats=1).expected_s() <
                 full.expected_s() / 4)
    for one in mode.MODES.values():
        checks.check(f"{one.name}: its time has an end, and room before it",
                     one.limit_s() >= 2 * one.expected_s() and one.limit_s() >= 600)
    Run(None, quick, {}, time.monotonic() + 600).check_time()
    try:
        Run(None, quick, {}, time.monotonic() - 1).check_time()
        checks.check("who has had his time begins nothing", False)
    except LabError as error:
        checks.check("who has had his time begins nothing", "has had its" in str(error), error)


def charts(checks):
    for name, text in (("bars", svg.bars([("a <b>", 5, 0, 4, 6), ("none", None, 1, None, None)],
                                         "t", "u")),
                       ("lines", svg.lines([("s", [1, None, 100]), ("empty", [None] * 3)], "t",
                                           ["x", "y", "z"], "u"))):
        root = xml.etree.ElementTree.fromstring(text)
        checks.check(f"{name} are sound SVG", root.tag == "svg")
        checks.check(f"{name}: what was not measured is not drawn", "none" not in text and
                     "empty" not in text)
    checks.equal("nothing measured, no chart", (svg.bars([], "t"), svg.lines([], "t", [])),
                 ("", ""))
    checks.equal("figures are shortened as people do", [svg.number(value) for value in
                 (1234567, 123456, 3204, 4.25, None)], ["1.23 M", "123 k", "3,204", "4.25", "–"])


def whole(checks):
    report = {"made": "now", "mode": "quick", "commit": "abc", "notes": ["<busy>"], "machine": {}}
    text = page.render(report)
    checks.check("a page of nothing says so", "not measured" in text)
    checks.check("a note is text, not markup", "&lt;busy&gt;" in text and "<busy>" not in text)
    put(report, "gateway.ndr_messages_per_second", figure([1000000, 1100000]))
    put(report, "kamailio.stateless_forward.ndr_messages_per_second", figure([100000]))
    put(report, "latency_us.half_ndr.p50", figure([7]))
    report["by_terminals"] = [{"terminals": 64, "ndr": figure([5])}]
    text = page.render(report)
    checks.check("what was measured is on the page", "1.05 M" in text and "100 k" in text)
    checks.check("the page fetches nothing", "http" not in text and "src=" not in text and
                 "@import" not in text)
    checks.check("nothing is said of what IPsec costs where one way was not measured",
                 "in the clear</th>" not in text)
    ways(checks, report)
    lines = terminal.render(report)
    checks.check("and in the table", any("1.05 M" in line for line in lines))
    checks.check("which says what was not measured", any("not measured" in line for line in lines))


def ways(checks, report):
    """With and without IPsec side by side, by node."""
    put(report, "gateway.cycles_per_message", figure([2200]))
    put(report, "gateway.cycles_by_node", {"sk_esp_open": 350, "sk_rewrite": 500})
    put(report, "clear.cycles_per_message", figure([1600]))
    put(report, "clear.cycles_by_node", {"sk_clear_in": 70, "sk_rewrite": 480, "sk_reply": 0})
    sections.conclude(report)
    checks.equal("the tax in process is the one by the other",
                 at(report, "sessions.ipsec_tax.in_process.median"), 1.375)
    text = page.render(report)
    for row in (("esp_open", "350", "–"), ("clear_in", "–", "70"), ("rewrite", "500", "480")):
        checks.check(f"{row[0]} stands there with what it costs on both ways",
                     "".join(f"<td>{cell}</td>" for cell in row) in text)
    checks.check("a node that nothing came to does not", "<td>reply</td>" not in text)


def quoted(checks):
    report = {"made": "now", "mode": "quick", "commit": "abc", "notes": ["busy"], "machine": {},
              "messages_verified": 12345}
    put(report, "gateway.ndr_messages_per_second", figure([1000000, 1100000], generator_bound=1))
    text = markdown.render(report)
    checks.check("what is quoted says how many were verified", "12,345 messages verified" in text)
    checks.check("a figure bound by the generator is marked", "1.05 M (generator)" in text)
    checks.check("and the table on the terminal has a star", any(
        "1.05 M" in line and line.endswith("*") for line in terminal.render(report)))


def whole_or_not(checks):
    report = {"messages_verified": 1}
    lacking = required.missing(report)
    checks.check("of an empty report everything is missing",
                 set(required.FIGURES) <= set(lacking) and "parser" in lacking)
    for path in required.FIGURES:
        put(report, path, figure([1]))
    for path in required.OTHERS:
        put(report, path, at(report, path) or ["something"])
    checks.equal("of a whole one nothing is", required.missing(report), [])
    put(report, "storm.calls_lost", 0)
    checks.equal("nothing lost is a figure, too", required.missing(report), [])
    put(report, required.FIGURES[0], 5)
    checks.equal("a number without a spread is none", required.missing(report),
                 [required.FIGURES[0]])


def names(checks):
    # Both folders are on one path: the first of two modules of one name would be everybody's.
    folders = [HERE / "flow", HERE, HERE.parent / "bench/harness", HERE.parent / "bench/report",
               HERE.parent / "bench/channel"]
    stems = [path.stem for folder in folders for path in folder.glob("*.py")]
    checks.equal("no module of the bench has the name of another",
                 sorted({stem for stem in stems if stems.count(stem) > 1}), [])


def main():
    checks = Checklist()
    figures(checks)
    lengths(checks)
    charts(checks)
    whole(checks)
    quoted(checks)
    whole_or_not(checks)
    names(checks)
    return checks.close()


if __name__ == "__main__":
    sys.exit(main())
