"""Kamailio as Debian ships it, one receiving process on one core, configured in bench/kamailio/."""

import pathlib
import re

from gateway import GATEWAY
from lab import SOURCE, LabError, cpu_seconds, run

CONFIGS = SOURCE / "bench/kamailio"
NAMES = ("stateless_forward", "location_record_route", "stateful_relay")
ALLOCATOR = "fm"  # serves it best by far: the package's default is several times slower
SHARED_MB = 1024
RECEIVE_BYTES = 4 << 20  # its socket holds a pause of its core; by default it asks for 256 KB
READY_S = 20


def version():
    done = run(["kamailio", "-v"], check=False)
    return done.stdout.splitlines()[0].strip() if done.returncode == 0 and done.stdout else None


def modules():
    found = sorted(pathlib.Path("/usr/lib").glob("*/kamailio/modules"))
    if not found:
        raise LabError("Kamailio's modules are not installed")
    return found[0]


class Kamailio:
    def __init__(self, lab, name, netns, family=6, core=1):
        self.directory = lab.make_directory(name)
        address = GATEWAY[family]
        self.listen = f"[{address}]" if family == 6 else address
        for source in (CONFIGS / "common.cfg", CONFIGS / f"{name}.cfg"):
            text = source.read_text().replace("LISTEN", self.listen)
            (self.directory / source.name).write_text(text.replace("MODULES", f"{modules()}/"))
        argv = ["kamailio", "-f", self.directory / f"{name}.cfg", "-DD", "-E", "-x", ALLOCATOR,
                "-X", ALLOCATOR, "-b", RECEIVE_BYTES, "-m", SHARED_MB, "-M", 64, "-n", 1, "-Y", self.directory,
                "-P", self.directory / "pid"]
        self.process = lab.spawn(argv, self.directory, "kamailio", netns=netns, cores=[core])
        self.netns = netns
        lab.wait_for(self.process, self._listens, READY_S, "Kamailio listens")

    def _listens(self):
        done = run(["ip", "netns", "exec", self.netns, "ss", "-Hlun", "sport = :5060"])
        return bool(done.stdout.strip())

    def receive_bytes(self):
        """Returns how much its socket holds: what it asked for, or what this kernel allows (net.core.rmem_max)."""
        told = run(["ip", "netns", "exec", self.netns, "ss", "-Hlunm", "sport = :5060"]).stdout
        return int(re.search(r"\brb(\d+)", told).group(1)) // 2  # the kernel counts its own share, too

    def is_alive(self):
        return self.process.is_alive()

    def cpu_seconds(self):
        """Returns the processor time of all of its processes."""
        return sum(cpu_seconds(pid) for pid in descendants(self.process.popen.pid))

    def stop(self):
        self.process.stop()


def descendants(pid):
    """Returns a process and all that stem from it."""
    children = {}
    for path in pathlib.Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue  # gone meanwhile
        children.setdefault(int(fields[1]), []).append(int(path.parent.name))
    found = [pid]
    for one in found:
        found += children.get(one, [])
    return found
