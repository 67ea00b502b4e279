#!/usr/bin/python3
"""Fails when a document leads to what is not there, or a manual and its program tell different things.

    documents_test.py SOURCE-ROOT DROPS-MANUAL MANUAL=PROGRAM...

Links and paths in README.md and docs/ must be those of files, a link's #part a heading, and no two
decisions may have one number. What a program's --help names must stand in its manual: its options, and
sekishoctl's commands. The manual of drops has every reason with its sentence.
"""

import pathlib
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from checklist import Checklist

LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
PATH = re.compile(r"`((?:shared|dataplane|controlplane|terminal|bench|tests|docs|scripts|packages)/"
                  r"[\w./-]+)`")
OPTION = re.compile(r"(?<![\w-])--[a-z][a-z-]*")
COMMAND = re.compile(r"^  ([a-z]+ [a-z-]+)\b", re.M)


def anchors(text):
    """The #parts that GitHub makes of a document's headings."""
    headings = re.findall(r"^#+ +(.*)$", text, re.M)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def dead_ends(root):
    """Returns the links and paths of the documents that lead nowhere."""
    found = []
    for document in [root / "README.md", *sorted((root / "docs").rglob("*.md"))]:
        text = document.read_text()
        for link in LINK.findall(text):
            name, _, part = link.partition("#")
            if re.match(r"[a-z]+:", link):
                continue
            target = document.parent / name if name else document
            if not target.exists() or (part and part not in anchors(target.read_text())):
                found.append(f"{document.relative_to(root)}: ({link})")
        found += [f"{document.relative_to(root)}: `{path}`" for path in PATH.findall(text)
                  if not (root / path).exists()]
    return found


def numbers_taken_twice(root):
    """Returns the decisions that have the number of another one, or another one at their head than in their name."""
    found, seen = [], set()
    for document in sorted((root / "docs/adr").glob("[0-9]*.md")):
        number = document.name[:4]
        if number in seen or not document.read_text().startswith(f"# {int(number)}. "):
            found.append(document.name)
        seen.add(number)
    return found


def plain(manual):
    """A manual's text without troff's marks."""
    text = manual.read_text().replace("\\-", "-")
    text = re.sub(r"\\f[A-Z]|\\~|\"", "", text)
    return re.sub(r"^\.[A-Z]+ ?", "", text, flags=re.M)


def check_manual(checks, manual, program):
    told = subprocess.run([program, "--help"], capture_output=True, text=True, check=False)
    checks.equal(f"{manual.stem} --help is a success", told.returncode, 0)
    text, options = plain(manual), set(OPTION.findall(told.stdout))
    checks.equal(f"{manual.name} has every option that --help names",
                 sorted(options - set(OPTION.findall(text))), [])
    commands = set(COMMAND.findall(told.stdout)) if manual.stem == "sekishoctl" else set()
    checks.equal(f"{manual.name} has every command of --help",
                 sorted(command for command in commands if not has_command(text, command)), [])
    version = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)
    checks.check(f"{manual.stem} --version says which it is",
                 re.fullmatch(rf"{manual.stem} \d+\.\d+\.\d+\n", version.stdout),
                 version.stdout + version.stderr)


def has_command(text, command):
    """Is it in the manual, alone or as one of several ("group add|remove")?"""
    first, second = command.split()
    return re.search(rf"\b{first} (?:[a-z-]+\|)*{second}\b", text) is not None


def drop_reasons(root):
    """Returns (name, sentence) of each, whatever stands between the two."""
    text = (root / "shared/contract/drop_reasons.def").read_text()
    return [(entry.partition(",")[0], entry.partition('"')[2].rpartition('"')[0].replace('"', ""))
            for entry in text.split("\nDROP(")[1:]]


def check_that_it_can_fail(checks):
    with tempfile.TemporaryDirectory() as name:
        root = pathlib.Path(name)
        (root / "docs").mkdir()
        (root / "README.md").write_text("[a](docs/a.md#one-two) [b](docs/a.md#three) [c](b.md)\n"
                                        "`docs/a.md` `tests/none.py` [d](https://example.com/)\n")
        (root / "docs/a.md").write_text("# One: two\n[up](../README.md)\n")
        checks.equal("planted dead ends are found, good ones are not", dead_ends(root),
                     ["README.md: (docs/a.md#three)", "README.md: (b.md)",
                      "README.md: `tests/none.py`"])
        (root / "docs/adr").mkdir()
        for file, number in (("0001-a", 1), ("0002-b", 2), ("0002-c", 2), ("0003-d", 4)):
            (root / f"docs/adr/{file}.md").write_text(f"# {number}. Title\n")
        checks.equal("planted numbers of decisions that are taken or wrong are found",
                     numbers_taken_twice(root), ["0002-c.md", "0003-d.md"])
    checks.check("a command among several is found, one that is not there is not",
                 has_command("subscriber disable|enable ID", "subscriber enable")
                 and not has_command("subscriber disable|enable ID", "subscriber add"))


def main():
    root = pathlib.Path(sys.argv[1])
    checks = Checklist()
    check_that_it_can_fail(checks)
    checks.equal("every link and path of the documents leads somewhere", dead_ends(root), [])
    checks.equal("every decision has a number of its own", numbers_taken_twice(root), [])
    told, reasons = plain(pathlib.Path(sys.argv[2])), drop_reasons(root)
    checks.check("there are reasons for dropping a packet", len(reasons) > 50, len(reasons))
    checks.equal("the manual of drops has each of them and what it means",
                 [name for name, sentence in reasons if f"\n{name}\n{sentence}\n" not in told], [])
    for pair in sys.argv[3:]:
        manual, _, program = pair.partition("=")
        check_manual(checks, root / "docs/man" / manual, program)
    return checks.close()


if __name__ == "__main__":
    sys.exit(main())
