"""The report as Markdown, to be quoted: docs/performance.md has it between two marks."""

from figures import at
from rows import ROWS
from svg import number


def _machine(report):
    about = at(report, "machine") or {}
    versions = ", ".join(f"{name} {version}" for name, version in
                         (about.get("versions") or {}).items() if version)
    return (f"{about.get('cpu', '?')}, {about.get('cores', '?')} cores, "
            f"{' '.join(about.get('isa', []))}; hugepages {'yes' if about.get('hugepages') else 'no'}; "
            f"governor {about.get('governor', '?')}; {', '.join(about.get('network_cards', []))}; "
            f"kernel {about.get('kernel', '?')}; {versions}.")


def _row(report, label, path, unit):
    found = at(report, path)
    indent = "&nbsp;&nbsp;" if label.startswith("  ") else ""
    if not found:
        return f"| {indent}{label.strip()} | not measured | | | |"
    star = " (generator)" if found.get("generator_bound") else ""
    return (f"| {indent}{label.strip()} | {number(found['median'])}{unit}{star} | "
            f"{number(found['min'])} | {number(found['max'])} | {found['spread']:.0%} |")


def _storm(report):
    storm = at(report, "storm") or {}
    if "calls_lost" not in storm:
        return []
    return ["", f"Storm: {storm['terminals']:,} terminals at once, {storm['sent_again']:,} messages "
            f"sent again; of {storm['calls_offered']:,} calls meanwhile {storm['calls_lost']:,} lost."]


def render(report):
    """Returns the report as text: a heading line, the table, the notes."""
    lines = [f"`make bench` ({report['mode']} run) of {report['made']}, commit {report['commit']}, "
             f"{report['messages_verified']:,} messages verified. {_machine(report)}", "",
             "| figure | median | least | most | spread |", "|---|---|---|---|---|"]
    lines += [_row(report, *row) for row in ROWS]
    lines += _storm(report)
    lines += [line for text in at(report, "notes") or [] for line in ("", text)]
    return "\n".join(lines) + "\n"
