#!/usr/bin/python3
"""Tidies up after a test run, however that run ended.

Started by topology.py with a pipe on its standard input. The run writes what it makes, one a
line: `netns NAME`, `pid PID START-TIME`, `dpdk PREFIX` for what starts DPDK under another prefix
than its namespace's name. When the pipe closes (the run is through, or was killed, SIGKILL
included) the janitor ends the processes, by id, and removes the namespaces and the directories that
DPDK has made for them: ours take theirs away as soon as they run, which one that was killed
before could not.
"""

import os
import shutil
import signal
import subprocess
import sys
import time

GRACE_S = 2.0
DPDK = "/var/run/dpdk"  # it makes a directory here for each --file-prefix


def start_time(pid):
    """Returns the process's start time in clock ticks since boot, or None if it is gone.

    With it an id that was given to another process meanwhile is recognised.
    """
    try:
        with open(f"/proc/{pid}/stat") as file:
            fields = file.read().rsplit(")", 1)[1].split()
    except OSError:
        return None
    return None if fields[0] == "Z" else fields[19]


def pids_in(netns):
    found = subprocess.run(["ip", "netns", "pids", netns], capture_output=True, text=True)
    return {(int(pid), start_time(pid)) for pid in found.stdout.split()}


def alive(processes):
    return {(pid, started) for pid, started in processes
            if started is not None and start_time(pid) == started}


def send(processes, number):
    for pid, _ in alive(processes):
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            pass


def end(processes):
    """Ends the processes: asks, waits a little, then insists."""
    send(processes, signal.SIGTERM)
    until = time.monotonic() + GRACE_S
    while alive(processes) and time.monotonic() < until:
        time.sleep(0.02)
    send(processes, signal.SIGKILL)
    while alive(processes) and time.monotonic() < until + GRACE_S:
        time.sleep(0.02)


def dpdk_directories(prefixes):
    """Returns those that are there."""
    return [path for path in (os.path.join(DPDK, prefix) for prefix in prefixes) if os.path.isdir(path)]


def main():
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    namespaces, prefixes, processes = [], [], set()
    for line in sys.stdin:
        kind, *words = line.split()
        if kind == "netns":
            namespaces.append(words[0])
        elif kind == "dpdk":
            prefixes.append(words[0])
        elif kind == "pid":
            processes.add((int(words[0]), words[1]))
    for netns in namespaces:
        processes |= pids_in(netns)
    end(processes)
    for netns in namespaces:
        subprocess.run(["ip", "netns", "del", netns], stderr=subprocess.DEVNULL)
    for path in dpdk_directories(namespaces + prefixes):
        shutil.rmtree(path, ignore_errors=True)


if __name__ == "__main__":
    main()
