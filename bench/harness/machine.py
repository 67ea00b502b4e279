"""On what a figure was measured, and who else was using it meanwhile."""

import os
import pathlib
import platform
import time

from lab import LabError, run


def _cpuinfo():
    fields = {}
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        key, _, value = line.partition(":")
        fields.setdefault(key.strip(), value.strip())
    return fields


def _first_line(path, otherwise):
    try:
        return pathlib.Path(path).read_text().splitlines()[0].strip()
    except (OSError, IndexError):
        return otherwise


def isa(flags):
    """Returns what IPsec-MB and our own vector code choose from, best first."""
    return [name for name, needed in (("AVX-512", "avx512f"), ("VAES", "vaes"), ("AVX2", "avx2"),
                                      ("AES-NI", "aes")) if needed in flags]


def _meminfo(key):
    for line in pathlib.Path("/proc/meminfo").read_text().splitlines():
        if line.startswith(key + ":"):
            return int(line.split()[1])
    return 0


def network_cards():
    """Returns the PCI network devices: class 02xx."""
    cards = []
    for device in sorted(pathlib.Path("/sys/bus/pci/devices").glob("*")):
        if _first_line(device / "class", "").startswith("0x02"):
            driver = (device / "driver").resolve().name if (device / "driver").exists() else "none"
            cards.append(f"{device.name} {_first_line(device / 'vendor', '?')}:"
                         f"{_first_line(device / 'device', '?')} ({driver})")
    return cards


def _version(package):
    done = run(["dpkg-query", "-W", "-f", "${Version}", package], check=False)
    return done.stdout.strip() or None


def describe(hugepages):
    cpu = _cpuinfo()
    return {
        "cpu": cpu.get("model name", "?"),
        "cores": os.cpu_count(),
        "mhz": float(cpu.get("cpu MHz", 0)),
        "cache": cpu.get("cache size", "?"),
        "isa": isa(cpu.get("flags", "").split()),
        "hypervisor": "hypervisor" in cpu.get("flags", "").split(),
        "governor": _first_line("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor",
                                "not told by this machine"),
        "hugepages": hugepages,
        "memory_mb": _meminfo("MemTotal") // 1024,
        "network_cards": network_cards() or ["none: memif and veth only"],
        "kernel": platform.release(),
        "versions": {name: _version(name) for name in ("dpdk", "libipsec-mb1", "libosip2-15",
                                                       "kamailio", "libssl3")},
    }


def waited_us(process, thread):
    """Returns how long a process's threads of this name could have run and somebody else did, so far.

    None: this kernel does not tell.
    """
    told = [_first_line(task / "schedstat", None)
            for task in pathlib.Path(f"/proc/{process.popen.pid}/task").iterdir()
            if _first_line(task / "comm", "").startswith(thread)]
    if not told:
        raise LabError(f"no thread of the process is called {thread}")
    return None if None in told else sum(int(line.split()[1]) for line in told) / 1e3


def _ticks():
    """Returns (busy, stolen, all) ticks of all processors since boot."""
    fields = [int(word) for word in pathlib.Path("/proc/stat").read_text().split("\n")[0].split()[1:9]]
    return sum(fields) - fields[3] - fields[4] - fields[7], fields[7], sum(fields)


class Company:
    """How much of the machine others took while something was measured.

        with Company(processes) as company: ...
        company.share    # of all processors' time: busy, but not with these processes
        company.stolen   # taken by the hypervisor
    """

    def __init__(self, processes):
        self._processes = processes
        self.share = self.stolen = None

    def _own(self):
        return sum(process.cpu_seconds() for process in self._processes if process.is_alive())

    def __enter__(self):
        self._ticks = _ticks()
        self._seconds = self._own()
        self._began = time.monotonic()
        return self

    def __exit__(self, *_):
        busy, stolen, whole = (after - before for after, before in zip(_ticks(), self._ticks))
        if whole == 0:
            self.share = self.stolen = 0.0
            return
        own = (self._own() - self._seconds) * os.sysconf("SC_CLK_TCK")
        self.share = max(0.0, (busy - own) / whole)
        self.stolen = stolen / whole
