#!/usr/bin/python3
"""Fails when what the terminal is installed with is not right: its systemd unit, its example.

    terminal_files_test.py PROGRAM UNIT EXAMPLE
"""

import pathlib
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from checklist import Checklist


def run(*argv, **environment):
    return subprocess.run([str(word) for word in argv], text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, env={"PATH": "/usr/bin:/bin", **environment},
                          check=False)


def judge_unit(checks, program, unit, directory):
    """systemd reads it as a user's unit, the program in its place being ours."""
    text = unit.read_text()
    command = re.search(r"^ExecStart=(\S+) (.*)$", text, re.MULTILINE)
    checks.check("the unit names the program where it is installed",
                 command and command[1].endswith("/bin/sekisho-terminal"), text)
    checks.check("and the user's own configuration",
                 command and command[2] == "run --config %E/sekisho/terminal.yaml", text)
    copy = directory / unit.name
    copy.write_text(text.replace(command[1], str(program)))
    verified = run("systemd-analyze", "--user", "--man=no", "verify", copy,
                   XDG_RUNTIME_DIR=str(directory), HOME=str(directory))
    checks.check("systemd-analyze verify finds nothing",
                 verified.returncode == 0 and copy.name not in verified.stdout,
                 [verified.returncode, verified.stdout])
    copy.write_text(copy.read_text().replace("Type=exec", "Type=nonsense"))
    verified = run("systemd-analyze", "--user", "--man=no", "verify", copy,
                   XDG_RUNTIME_DIR=str(directory), HOME=str(directory))
    checks.check("(it would find a mistake)", copy.name in verified.stdout, verified.stdout)


def judge_example(checks, program, example, directory):
    copy = directory / "terminal.yaml"
    copy.write_text(example.read_text())
    copy.chmod(0o600)
    password = directory / "password"
    checked = run(program, "check", "--config", copy)
    checks.check("check misses the password file", checked.returncode == 2
                 and f"{password}: No such file" in checked.stdout, checked.stdout)
    password.write_text("secret\n")
    password.chmod(0o644)
    checked = run(program, "check", "--config", copy)
    checks.check("and sees that others may read it", checked.returncode == 2
                 and f"{password}: others than its owner may read it, and it holds a secret: chmod 600" in checked.stdout, checked.stdout)
    password.chmod(0o600)
    password.write_text("")
    checked = run(program, "check", "--config", copy)
    checks.check("or that it is empty", checked.returncode == 2
                 and f"{password}: no line" in checked.stdout, checked.stdout)
    password.write_text("secret\n")
    checked = run(program, "check", "--config", copy)
    checks.check("the example configuration is a right one", checked.returncode == 0,
                 checked.stdout)
    (directory / "sekisho").mkdir()
    copy.rename(directory / "sekisho/terminal.yaml")
    password.rename(directory / "sekisho/password")
    checked = run(program, "check", XDG_CONFIG_HOME=str(directory))
    checks.check("a user's own configuration is found by itself", checked.returncode == 0,
                 checked.stdout)
    for environment in ({"XDG_CONFIG_HOME": str(directory)}, {"HOME": "/home/nobody-at-all"}):
        asked = run(program, "status", **environment)
        checks.check("and his instance's socket is asked",
                     asked.returncode == 4 and "/sekisho/control: no instance" in asked.stdout,
                     asked.stdout)
    checks.check("without a home there is nothing to find", run(program, "status").returncode == 2)
    copy.write_text(example.read_text().replace("minimum-level: 2", "minimum-level: 9"))
    checked = run(program, "check", "--config", copy)
    checks.check("(a mistake in it would be told)",
                 checked.returncode == 2 and "terminal.yaml:" in checked.stdout, checked.stdout)


def judge_help(checks, program):
    """Who asks for help has done nothing wrong; who makes a mistake is told on standard error."""
    for argv, status in ((("--help",), 0), (("call", "--help"), 0), ((), 2)):
        asked = subprocess.run([program, *argv], text=True, capture_output=True, check=False)
        said, silent = ((asked.stdout, asked.stderr) if status == 0
                        else (asked.stderr, asked.stdout))
        checks.check(f"{' '.join(argv) or 'nothing'}: the commands, and exit status {status}",
                     asked.returncode == status and "call AOR" in said and not silent,
                     [asked.returncode, asked.stdout, asked.stderr])


MISTAKES = {
    "nonsense": 'there is no command "nonsense"; sekisho-terminal --help has all of them',
    "cal user-b@xyz.com": 'there is no command "cal"; is it call?',
    "call": "call: the AOR is missing; for example: sekisho-terminal call user-b@xyz.com",
    "call a b": 'call: "b" is a word too many',
    "message user-b@xyz.com": "message: the TEXT is missing",
    "status now": 'status takes no word after it, not "now"',
    "wait": "wait: the EVENT is missing; for example: sekisho-terminal wait incoming",
    "run now": 'run takes no word after it, not "now"',
    "run --socket x": "run: --socket is for commands",
    "call a --config x": "call: --config is for run and check",
    "--timeout soon status": '--timeout is a number of seconds, not "soon"',
    "--timeout": "--timeout needs a value after it",
    "--nonsense status": "there is no option --nonsense",
    "check": "there is no /nowhere/sekisho/terminal.yaml; --config names another",
    "check --config /nowhere/x": "/nowhere/x: the configuration cannot be read",
}


def judge_mistakes(checks, program):
    """A mistake gets one sentence that says which, on standard error, and exit status 2."""
    for line, sentence in MISTAKES.items():
        asked = subprocess.run([program, *line.split()], text=True, capture_output=True,
                               check=False, env={"XDG_CONFIG_HOME": "/nowhere"})
        checks.check(f"{line}: a sentence, and exit status 2",
                     asked.returncode == 2 and sentence in asked.stderr and not asked.stdout
                     and asked.stderr.count("\n") == 1, [asked.returncode, asked.stderr])


def main():
    program, unit, example = (pathlib.Path(name).resolve() for name in sys.argv[1:4])
    checks = Checklist()
    with tempfile.TemporaryDirectory() as name:
        judge_unit(checks, program, unit, pathlib.Path(name))
        judge_example(checks, program, example, pathlib.Path(name))
    judge_help(checks, program)
    judge_mistakes(checks, program)
    return checks.close()


if __name__ == "__main__":
    sys.exit(main())
