#!/usr/bin/python3
"""Fails when a program reads its configuration, or speaks, before it has closed itself to others.

    processes_are_closed_test.py DATAPLANE CONTROLPLANE TERMINAL CTL

Each is halted at the first thing it opens: a configuration that is a pipe nobody writes to, a socket
that nobody answers at. As an unprivileged user, for the system says of a closed process that it is
root's (proc(5), what stands in /proc/PID).
"""

import contextlib
import os
import pathlib
import re
import resource
import shutil
import socket
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from checklist import Checklist

NOBODY = 65534
HALTED_S = 20.0
CORE = re.compile(r"^Max core file size\s+(\S+)\s+(\S+)", re.MULTILINE)


def let_core_files_be():
    hard = resource.getrlimit(resource.RLIMIT_CORE)[1]
    resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))


@contextlib.contextmanager
def running(*argv):
    options = {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}
    process = subprocess.Popen([str(word) for word in argv], stdin=subprocess.DEVNULL,
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/",
                               preexec_fn=let_core_files_be, **options)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def opener(pipe, process):
    """Opens the pipe's other end as soon as the program waits at it; None: it never did."""
    until = time.monotonic() + HALTED_S
    while time.monotonic() < until and process.poll() is None:
        with contextlib.suppress(OSError):  # ENXIO: nobody waits there
            return os.open(pipe, os.O_WRONLY | os.O_NONBLOCK)
        time.sleep(0.01)
    return None


def judge(checks, name, pid):
    limits = pathlib.Path(f"/proc/{pid}/limits").read_text()
    checks.equal(f"{name} leaves no core file", CORE.search(limits).groups(), ("0", "0"))
    if os.geteuid() == 0:
        checks.equal(f"{name} is not to be looked into by others of its user",
                     os.stat(f"/proc/{pid}/status").st_uid, 0)


def judge_configured(checks, program, directory, *words):
    pipe = directory / "pipe.yaml"
    os.mkfifo(pipe)
    pipe.chmod(0o666)
    with running(program, *words, "--config", pipe) as process:
        writer = opener(pipe, process)
        if checks.check(f"{program.name} reads its configuration", writer is not None):
            judge(checks, program.name, process.pid)
            os.close(writer)
    pipe.unlink()


def judge_asking(checks, program, directory):
    path = directory / "admin"
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        listener.bind(str(path))
        path.chmod(0o666)
        listener.listen()
        listener.settimeout(HALTED_S)
        with running(program, "--socket", path, "show", "status") as process:
            with contextlib.closing(listener.accept()[0]):
                judge(checks, program.name, process.pid)


def judge_stranger(checks):
    """What is judged by: a program that does nothing for it is not closed."""
    with running("/bin/sleep", "60") as process:
        if os.geteuid() == 0:
            until = time.monotonic() + HALTED_S
            while (os.stat(f"/proc/{process.pid}/status").st_uid != NOBODY
                   and time.monotonic() < until):
                time.sleep(0.01)
            checks.equal("another program can be looked into",
                         os.stat(f"/proc/{process.pid}/status").st_uid, NOBODY)


def main():
    checks = Checklist()
    with tempfile.TemporaryDirectory(prefix="sekisho-closed-") as name:
        directory = pathlib.Path(name)
        directory.chmod(0o755)
        # where an unprivileged user can run them
        dataplane, controlplane, terminal, ctl = (
            pathlib.Path(shutil.copy(program, directory)) for program in sys.argv[1:])
        judge_stranger(checks)
        judge_configured(checks, dataplane, directory)
        judge_configured(checks, controlplane, directory)
        judge_configured(checks, terminal, directory, "run")
        judge_asking(checks, ctl, directory)
    return checks.close()


if __name__ == "__main__":
    sys.exit(main())
