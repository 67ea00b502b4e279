#!/usr/bin/python3
"""sekishoctl's command line where no control plane is: help, completion, mistakes, exit statuses.

    sekishoctl_test.py SOURCE-ROOT SEKISHOCTL
"""

import os
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[3]))
from checklist import Checklist

SOURCE, PROGRAM = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])


def run(*words):
    """Returns (exit status, what it said, what it complained of)."""
    done = subprocess.run([PROGRAM, *words], capture_output=True, text=True, check=False,
                          stdin=subprocess.DEVNULL)
    return done.returncode, done.stdout, done.stderr


def check_help(checks):
    for words in (["policy", "--help"], ["policy", "-h"], ["help", "policy"]):
        status, told, complained = run(*words)
        checks.check(f"{' '.join(words)} shows what begins so, and no more",
                     status == 0 and complained == "" and "  policy delete ID\n" in told
                     and "subscriber" not in told, told)
    status, told, _ = run("help")
    checks.check("help alone shows all", status == 0 and "  subscriber list\n" in told
                 and "  show ports\n" in told, told)
    checks.equal("help of what there is not is a mistake", run("help", "polite")[:2], (2, ""))


def check_mistakes(checks):
    for words, sentence in (
            (["show"], "something is missing"), (["show", "me"], '"me" cannot stand here'),
            (["--socket"], "--socket needs a value after it"),
            (["--sockets", "x"], "there is no option --sockets; --help has all"),
            (["policy", "add", "10", "allow", "any", "any", "--minimum-level", "4"],
             '"4" cannot be a value of --minimum-level; expected: --minimum-level 0..3')):
        status, told, complained = run(*words)
        checks.check(f"{' '.join(words)}: {sentence}",
                     status == 2 and told == "" and sentence in complained, [status, complained])
    status, _, complained = run("--socket", "/nowhere/admin", "show", "status")
    checks.check("where no control plane is, the socket and a way out are named",
                 status == 3 and complained.startswith(
                     "sekishoctl: no control plane at /nowhere/admin: No such file or directory; "),
                 [status, complained])


def completed(*words):
    """What bash makes of these words, the last of which is being typed."""
    line = " ".join(f"'{word}'" for word in ("sekishoctl", *words))
    script = (f"source {SOURCE}/controlplane/cli/sekishoctl.bash; COMP_WORDS=({line}); "
              f"COMP_CWORD={len(words)}; _sekishoctl; echo \"${{COMPREPLY[*]}}\"")
    return subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True,
                          env={**os.environ, "PATH": f"{PROGRAM.parent}:{os.environ['PATH']}"}
                          ).stdout.split()


def check_completion(checks):
    checks.equal("bash completes a command", completed("sub"), ["subscriber"])
    checks.equal("and what stands behind it", completed("show", "dr"), ["drops"])
    checks.equal("all of it if nothing is typed", completed("group", ""),
                 ["add", "remove", "list"])
    checks.equal("options, too", completed("subscriber", "add", "a@b.c", "--p"),
                 ["--password-stdin"])
    checks.equal("behind options of the program", completed("--socket", "admin", "conf"),
                 ["configure"])
    checks.equal("and nothing behind what there is not", completed("nothing", ""), [])


def main():
    checks = Checklist()
    check_help(checks)
    check_mistakes(checks)
    check_completion(checks)
    return checks.close()


if __name__ == "__main__":
    sys.exit(main())
