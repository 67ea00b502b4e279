#!/usr/bin/python3
"""docs/quickstart.md walked word for word: its files written, its commands given to one shell.

The namespaces it makes are in a mount namespace of this test's own, so they meet nobody else's. Two
things are not as they stand there: `make` is left out, and build/ is the build directory that is
tested.
"""

import os
import pathlib
import re
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
from checklist import Checklist
from sekisho_flow import COMPLAINT, SOURCE, build_directory

DOCUMENT = SOURCE / "docs/quickstart.md"
WALK_S = 120
# a namespace's name becomes a file there, seen by this shell and its children alone
PRIVATE = ["unshare", "--mount", "--net", "--pid", "--fork", "--kill-child", "sh", "-c",
           "mount -t tmpfs none /run && exec \"$@\"", "sh"]


def steps():
    """The document's blocks in their order: (kind, name of the file, text)."""
    text = DOCUMENT.read_text()
    pattern = re.compile(r"(?:^`(?P<name>[^`\n]+)`:\n\n)?^```(?P<kind>sh|yaml)\n(?P<text>.*?)^```$",
                         re.MULTILINE | re.DOTALL)
    return [(found["kind"], found["name"], found["text"]) for found in pattern.finditer(text)]


def script(blocks, build):
    """One shell script of them all; each block is announced, and the first that fails ends it."""
    lines = ["set -e"]
    for number, (kind, name, text) in enumerate(blocks):
        if kind == "yaml":
            lines.append(f"cat > {name} << 'END OF FILE'\n{text}END OF FILE")
            continue
        text = re.sub(r"^make$", f"ls {build} > /dev/null", text, flags=re.MULTILINE)
        lines += [f'echo "== block {number}"', text.replace("$PWD/build", str(build))]
    return "\n".join([*lines, 'echo "== the end"', ""])


def logs(directory):
    return {path.relative_to(directory).as_posix(): path.read_text(errors="replace")
            for path in directory.rglob("*log") if path.is_file()}


def walk(directory, text):
    (directory / "walk").write_text(text)
    try:
        return subprocess.run([*PRIVATE, "bash", directory / "walk"], cwd=directory, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=WALK_S,
                              stdin=subprocess.DEVNULL, check=False)
    except subprocess.TimeoutExpired as error:
        said = error.stdout or b""
        return subprocess.CompletedProcess([], 124, said if isinstance(said, str)
                                           else said.decode(errors="replace"))


def judge(checks, done, directory):
    said = done.stdout
    checks.check("every command of the quick start does what it should", done.returncode == 0
                 and said.rstrip().endswith("== the end"), [said[-3000:], logs(directory)])
    for sentence, pattern in (
            ("the terminals' configurations are in order",
             r"(?s)alice/terminal.yaml: the configuration is in "
                                                           r"order.*bob/terminal.yaml: the configuration is"),
            ("policy lets alice call bob", r"(?m)^.*\ballow"),
            ("both are registered", r"(?s)alice@example\.com.*bob@example\.com"),
            ("the call has a data channel", r"data channel"),
            ("and the path is drawn, with both hops encrypted",
             r"alice@example\.com \[?192\.0\.2\.10\]? ==3==> \[?192\.0\.2\.1\]? ==3==> sip:bob@example\.com"),
            ("ping to bob passes without a loss",
             r"3 packets transmitted, 3 received, 0% packet loss"),
            ("the message arrives", r"are you there\?"),
            ("nobody is not found", r"404 Not Found"),
            ("a user without root calls by the rights of the program",
             r"call established .* carol@example\.com 192\.0\.2\.10 ==3==> ")):
        checks.check(sentence, re.search(pattern, said), said[-3000:])
    checks.equal("both pings passed", said.count("3 received, 0% packet loss"), 2)
    checks.check("nothing is left of it", not (directory / "sekisho-try").exists())
    checks.check("no program complained", not COMPLAINT.search(said), said[-3000:])


def main():
    checks = Checklist()
    blocks = steps()
    names = [name for kind, name, _ in blocks if kind == "yaml"]
    checks.equal("the document has each file", names, ["dataplane.yaml", "controlplane.yaml",
                                                       "alice/terminal.yaml", "bob/terminal.yaml"])
    if os.geteuid() != 0:
        checks.check("network namespaces need root: run this as root or with sudo", False)
        return checks.close()
    build = build_directory()
    # not in /tmp, where a mount may forbid what a program's file says of its rights (nosuid)
    with tempfile.TemporaryDirectory(prefix="quickstart-", dir=build) as name:
        directory = pathlib.Path(name)
        judge(checks, walk(directory, script(blocks, build)), directory)
    return checks.close()


if __name__ == "__main__":
    sys.exit(main())
