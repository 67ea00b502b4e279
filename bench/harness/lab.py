"""A place to measure in: a directory, network namespaces, processes; all gone in the end.

    with Lab(build) as lab:
        gateway = Gateway(lab, ...)

A janitor process (tests/flow/janitor.py) removes what is left, in whatever way this one ends.
"""

import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time

SOURCE = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path[:0] = [str(SOURCE / "tests/flow"), str(SOURCE / "tests")]
import janitor

END_S = 15.0
NICE = -20


class LabError(Exception):
    """Something that a measurement needs could not be had."""


def run(argv, check=True, **options):
    """Runs a command to its end; returns subprocess.CompletedProcess, output as text."""
    done = subprocess.run([str(word) for word in argv], capture_output=True, text=True, **options)
    if check and done.returncode != 0:
        raise LabError(f"{' '.join(map(str, argv))}: {done.stderr.strip() or done.stdout}")
    return done


def weigh():
    """In a process that is about to begin, in a session of its own: others get little beside it.

    Sessions are scheduled against each other, not processes, where the kernel groups by session.
    """
    for give in (lambda: pathlib.Path("/proc/self/autogroup").write_text(f"{NICE}"),
                 lambda: os.nice(NICE)):
        try:
            give()
        except OSError:
            pass  # a kernel without such groups, or a container that may not


def wait_until(is_true, seconds, what):
    until = time.monotonic() + seconds
    while not is_true():
        if time.monotonic() > until:
            raise LabError(f"{what}: not within {seconds:g} s")
        time.sleep(0.02)


def cpu_seconds(pid):
    """Returns the processor time that a process has used; 0 if it is gone."""
    try:
        with open(f"/proc/{pid}/stat") as file:
            fields = file.read().rsplit(")", 1)[1].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Process:
    """A process of the lab, what it says on standard error in a file."""

    def __init__(self, popen, argv, log):
        self.popen = popen
        self.argv = argv
        self.log = log

    def is_alive(self):
        return self.popen.poll() is None

    def output(self):
        return self.log.read_text(errors="replace")

    def peak_mb(self):
        """Returns the most memory it has had, and the hugepages that it has."""
        with open(f"/proc/{self.popen.pid}/status") as file:
            return sum(int(line.split()[1]) for line in file
                       if line.startswith(("VmHWM:", "HugetlbPages:"))) / 1024

    def cpu_seconds(self):
        return cpu_seconds(self.popen.pid)

    def stop(self, number=signal.SIGTERM):
        if self.is_alive():
            self.popen.send_signal(number)
        try:
            return self.popen.wait(END_S)
        except subprocess.TimeoutExpired:
            self.popen.kill()
            return self.popen.wait()


class Lab:
    """is_heavy: what it runs is measured, and what else the machine has to do comes after it."""

    def __init__(self, build, hugepages=False, is_heavy=False):
        self.build = pathlib.Path(build).resolve()
        self.hugepages = hugepages
        # In memory where there is such a place: what a disk takes for a commit is not asked here.
        memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="sekisho-bench-", dir=memory))
        self.process_options = {"start_new_session": True,
                                **({"preexec_fn": weigh} if is_heavy else {})}
        self._prefix = f"skb-{os.getpid()}"
        self._janitor = None
        self._processes = []
        self._dpdk_prefixes = []
        self._count = 0

    def __enter__(self):
        if os.geteuid() != 0:
            raise LabError("network namespaces need root: run this as root or with sudo")
        for number in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, lambda got, _frame: sys.exit(128 + got))
        self._janitor = subprocess.Popen([sys.executable, janitor.__file__], stdin=subprocess.PIPE,
                                         text=True, start_new_session=True)
        return self

    def __exit__(self, kind, *_):
        for process in reversed(self._processes):
            process.stop()
        self.left_by_dpdk = janitor.dpdk_directories(self._dpdk_prefixes)
        self._janitor.stdin.close()
        self._janitor.wait()
        if kind is None:
            shutil.rmtree(self.directory, ignore_errors=True)
        else:
            print(f"logs and configurations: {self.directory}", file=sys.stderr)

    def program(self, path):
        found = self.build / path
        if not found.exists():
            raise LabError(f"{found} is not built")
        return found

    def make_directory(self, name):
        """Returns a new directory; a name that was given before gets a number."""
        self._count += 1
        path = self.directory / f"{name}-{self._count}"
        path.mkdir()
        return path

    def netns(self, name):
        """Makes a namespace; returns its full name."""
        self._count += 1
        full = f"{self._prefix}-{name}{self._count}"
        self._tell(f"netns {full}")
        self._dpdk_prefixes.append(full)
        run(["ip", "netns", "add", full])
        run(["ip", "-n", full, "link", "set", "lo", "up"])
        for setting in ("all.accept_dad=0", "default.accept_dad=0", "default.accept_ra=0",
                        "default.router_solicitations=0"):
            run(["ip", "netns", "exec", full, "sysctl", "-qw", f"net.ipv6.conf.{setting}"])
        return full

    def dpdk_prefix(self, name):
        """Returns a --file-prefix for DPDK of its own; what is left of it goes with the janitor."""
        self._count += 1
        full = f"{self._prefix}-{name}{self._count}"
        self._tell(f"dpdk {full}")
        self._dpdk_prefixes.append(full)
        return full

    def spawn(self, argv, directory, log, netns=None, cores=None, **options):
        """Starts a command, its standard error in DIRECTORY/LOG.log; returns a Process."""
        argv = [str(word) for word in argv]
        if cores is not None:
            argv = ["taskset", "-c", ",".join(map(str, cores)), *argv]
        if netns:
            argv = ["ip", "netns", "exec", netns, *argv]
        path = directory / f"{log}.log"
        with open(path, "ab") as errors:
            options = {"stdin": subprocess.DEVNULL, "stdout": errors, **options}
            popen = subprocess.Popen(argv, stderr=errors, **self.process_options, **options)
        self._tell(f"pid {popen.pid} {janitor.start_time(popen.pid)}")
        self._processes.append(Process(popen, argv, path))
        return self._processes[-1]

    def wait_for(self, process, is_ready, seconds, what):
        wait_until(lambda: not process.is_alive() or is_ready(), seconds, what)
        if not process.is_alive():
            raise LabError(f"{what}: the process ended\n{process.output()[-2000:]}")

    def _tell(self, line):
        self._janitor.stdin.write(line + "\n")
        self._janitor.stdin.flush()
