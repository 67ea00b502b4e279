"""The report as a table on the terminal."""

from figures import at
from rows import ROWS
from svg import number


def render(report):
    """Returns the report's lines. A star: a search for it ended where the generator did."""
    lines = [f"{'':46}{'median':>12}{'least':>12}{'most':>12}{'spread':>9}"]
    for label, path, unit in ROWS:
        found = at(report, path)
        if not found:
            lines.append(f"{label:46}{'not measured':>12}")
            continue
        star = "*" if found.get("generator_bound") else " "
        lines.append(f"{label:46}{number(found['median']) + unit:>12}{number(found['min']):>12}"
                     f"{number(found['max']):>12}{found['spread']:>8.0%}{star}")
    storm = at(report, "storm") or {}
    if "calls_lost" in storm:
        lines.append(f"calls in progress meanwhile: {storm['calls_offered']:,} offered, "
                     f"{storm['calls_lost']:,} lost, of {storm['terminals']:,} terminals")
    lines += [f"note: {text}" for text in at(report, "notes") or []]
    return lines
