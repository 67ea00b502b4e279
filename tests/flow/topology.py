"""The test networks: terminals and gateways in namespaces of their own, a router in the middle.

         t1 ----- to-t1 +--------+ to-gwa ----- gwa
     (port0)            | router |           (port0, kernel silent)
         t2 ----- to-t2 +--------+ to-gwb ----- gwb

Every node is one veth away from the router, so the router's ends are where all wires can be
listened to. A gateway's port0 belongs to its data plane: the kernel must not answer there, so it
has no address; the gateway's address stands on the exception TAP that the data plane makes.

Python's standard library and the commands ip, ethtool, sysctl, tcpdump. Needs root.
"""

import dataclasses
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import time

import janitor

PORT = "port0"      # the one network device of a terminal or gateway
TAP = "sk0"         # a gateway's exception interface, made by its data plane
ROUTER = "router"
READY_S = 30.0
END_S = 20.0        # in which a process that is asked to must have ended
READ_S = 10.0       # in which tcpdump must have read what the kernel holds for it
LISTENING = "00010000"  # of /proc/net/unix: __SO_ACCEPTCON
# What tcpdump says when asked by SIGUSR1.
COUNTS = re.compile(r"(\d+) packets? captured, (\d+) packets? received by filter, "
                    r"(\d+) packets? dropped by kernel$", re.M)


class TopologyError(Exception):
    """The network could not be made, or a command in it failed."""


@dataclasses.dataclass(frozen=True)
class Node:
    """A terminal or gateway: its address in each family; the router is host 1 of its network."""
    name: str
    kind: str  # "terminal" or "gateway"
    ipv6: str
    router6: str
    ipv4: str
    router4: str

    def address(self, family=6):
        return self.ipv6 if family == 6 else self.ipv4

    def router(self, family=6):
        return self.router6 if family == 6 else self.router4


# The patent's own example (P20); the IPv4 networks are RFC 2544's, which route nowhere.
T1 = Node("t1", "terminal", "2001:1234::10", "2001:1234::1", "198.18.1.10", "198.18.1.1")
GWA = Node("gwa", "gateway", "2001:6789::5060", "2001:6789::1", "198.18.2.60", "198.18.2.1")
GWB = Node("gwb", "gateway", "2001:abcd::5060", "2001:abcd::1", "198.18.3.60", "198.18.3.1")
T2 = Node("t2", "terminal", "2001:cdef::10", "2001:cdef::1", "198.18.4.10", "198.18.4.1")
PATENT = (T1, GWA, GWB, T2)
# A second terminal of gateway A, for tests of one gateway alone.
T3 = Node("t3", "terminal", "2001:1235::10", "2001:1235::1", "198.18.5.10", "198.18.5.1")
SINGLE_GATEWAY = (T1, GWA, T3)

PREFIX_LENGTH = {4: 24, 6: 64}

# Read by the kernel when a device is made, hence set before. DAD would hold addresses back for a
# second, and router solicitations would be noise in the captures.
EVERY_NAMESPACE = {
    "net.ipv6.conf.default.accept_dad": 0,
    "net.ipv6.conf.default.accept_ra": 0,
    "net.ipv6.conf.default.router_solicitations": 0,
    "net.ipv6.conf.default.disable_ipv6": 0,
}
FORWARDING = {
    "net.ipv6.conf.all.forwarding": 1,
    "net.ipv4.conf.all.forwarding": 1,
}
# What keeps the kernel from hearing a port that is the data plane's: no IPv6; no ARP answer for
# any address of this machine; and IPv4 for the TAP's address dropped, because the way back to
# its sender leads through another device.
SILENT = {
    f"net.ipv6.conf.{PORT}.disable_ipv6": 1,
    f"net.ipv4.conf.{PORT}.arp_ignore": 8,
    f"net.ipv4.conf.{PORT}.rp_filter": 1,
}


def run(argv, check=True, **options):
    """Runs a command to its end; returns the subprocess.CompletedProcess, output as text."""
    done = subprocess.run([str(word) for word in argv], capture_output=True, text=True, **options)
    if check and done.returncode != 0:
        raise TopologyError(f"{' '.join(map(str, argv))}: {done.stderr.strip() or done.stdout}")
    return done


def wait_until(is_true, seconds, what):
    """Polls is_true() until it is, else raises TopologyError saying what did not happen."""
    until = time.monotonic() + seconds
    while not is_true():
        if time.monotonic() > until:
            raise TopologyError(f"{what}: not within {seconds:g} s")
        time.sleep(0.02)


def comes_true(is_true, seconds=READY_S):
    """Waits until is_true(); returns whether it came true in time."""
    try:
        wait_until(is_true, seconds, "a condition")
    except TopologyError:
        return False
    return True


def is_listening_at(pid, path):
    """Does somebody in the process's network namespace listen at this Unix socket?

    That its file is there is not enough: it appears before anybody can connect.
    """
    try:
        lines = pathlib.Path(f"/proc/{pid}/net/unix").read_text(errors="replace").splitlines()[1:]
    except OSError:
        return False  # it ended meanwhile
    return any(words[3] == LISTENING and words[-1] == str(path)
               for words in map(str.split, lines))


def end_on_signals():
    """Makes SIGTERM and SIGHUP an ordinary exit, as Ctrl-C is, so that `with` blocks close."""
    def leave(number, _frame):
        sys.exit(128 + number)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, leave)
    signal.signal(signal.SIGINT, signal.default_int_handler)


class Process:
    """A process in a namespace, its output in a file of the log directory."""

    def __init__(self, popen, argv, log):
        self.popen = popen
        self.argv = argv
        self.log = log

    @property
    def pid(self):
        return self.popen.pid

    def is_alive(self):
        return self.popen.poll() is None

    def output(self):
        return self.log.read_text(errors="replace")

    def send(self, number):
        if self.is_alive():
            self.popen.send_signal(number)

    def stop(self, number=signal.SIGTERM, seconds=END_S):
        """Ends it, by force if it does not within seconds; returns its exit status."""
        self.send(number)
        try:
            return self.popen.wait(seconds)
        except subprocess.TimeoutExpired:
            self.popen.kill()
            return self.popen.wait()


class Capture:
    """tcpdump on one end of a wire, into a pcap file."""

    def __init__(self, process, path):
        self.process = process
        self.path = path
        self.lost = None

    def wait_until_listening(self):
        wait_until(lambda: "listening on" in self.process.output(), READY_S,
                   f"tcpdump for {self.path.name}")

    def stop(self):
        """Ends the capture when all that was on the wire until now is in it; afterwards `lost` says
        how many packets tcpdump did not see."""
        _, due, dropped = self._counts()
        comes_true(lambda: self._counts()[0] + dropped >= due, READ_S)
        self.process.stop(signal.SIGINT)
        told = re.search(r"^(\d+) packets? dropped by kernel$", self.process.output(), re.M)
        self.lost = int(told[1]) if told else None

    def _counts(self):
        """Returns how many packets tcpdump has read, the kernel has had for it, and has dropped."""
        told = len(self._said())
        self.process.send(signal.SIGUSR1)
        wait_until(lambda: len(self._said()) > told or not self.process.is_alive(), READ_S,
                   "tcpdump says its counts")
        return tuple(map(int, self._said()[-1])) if self._said() else (0, 0, 0)

    def _said(self):
        return COUNTS.findall(self.process.output())


class Topology:
    """A network of nodes around one router; a context manager that leaves nothing behind.

    Names carry the process id, so that runs do not meet. A janitor process removes everything
    when this one ends, in whatever way.
    """

    def __init__(self, nodes=PATENT, families=(4, 6), log_dir=None, prefix=None):
        self.nodes = {node.name: node for node in nodes}
        self.families = families
        self.log_dir = pathlib.Path(log_dir or tempfile.mkdtemp(prefix="sekisho-flow-"))
        self._prefix = f"{prefix or os.environ.get('SEKISHO_NETNS', 'sekisho')}-{os.getpid()}"
        self._janitor = None
        self._processes = []
        self._captures = []

    def __enter__(self):
        if os.geteuid() != 0:
            raise TopologyError("network namespaces need root: run this as root or with sudo")
        end_on_signals()
        self.log_dir.mkdir(parents=True, exist_ok=True)
        self._janitor = subprocess.Popen(
            [sys.executable, janitor.__file__], stdin=subprocess.PIPE, text=True,
            start_new_session=True)
        try:
            self._make()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        """Ends every process and removes every namespace. Ctrl-C waits until that is done."""
        if self._janitor is None:
            return
        old = signal.signal(signal.SIGINT, signal.SIG_IGN)
        try:
            for capture in self._captures:
                capture.stop()
            self._janitor.stdin.close()
            for process in self._processes:
                process.popen.wait()  # ended by the janitor; this takes the zombie away
            self._janitor.wait()
            self._janitor = None
        finally:
            signal.signal(signal.SIGINT, old)

    # Making it

    def netns(self, name):
        """Returns the namespace's name of a node, or of the router."""
        return f"{self._prefix}-{name}"

    def _make(self):
        for name in (ROUTER, *self.nodes):
            self._tell_janitor(f"netns {self.netns(name)}")
            run(["ip", "netns", "add", self.netns(name)])
            self.set_sysctls(name, EVERY_NAMESPACE)
            self.ip(name, "link set lo up")
        self.set_sysctls(ROUTER, FORWARDING)
        for node in self.nodes.values():
            self._connect(node)

    def _connect(self, node):
        wire = self.wire(node.name)
        self.ip(ROUTER, f"link add {wire} type veth peer name {PORT} netns {self.netns(node.name)}")
        # A veth leaves checksums to hardware that is not there, and may hand on several
        # segments as one; neither is what a wire carries.
        offloads = "tx off rx off tso off gso off gro off".split()
        self.exec(ROUTER, ["ethtool", "-K", wire, *offloads])
        self.exec(node.name, ["ethtool", "-K", PORT, *offloads])
        for family in self.families:
            length = PREFIX_LENGTH[family]
            self.ip(ROUTER, f"-{family} addr add {node.router(family)}/{length} dev {wire}")
        self.ip(ROUTER, f"link set {wire} up")
        if node.kind == "gateway":
            self.set_sysctls(node.name, SILENT)
            self.ip(node.name, f"link set {PORT} up")
        else:
            self.configure_address(node.name, PORT)

    def configure_address(self, name, device):
        """Puts the node's addresses on a device of its namespace, and a default route there."""
        node = self.nodes[name]
        for family in self.families:
            nodad = "nodad" if family == 6 else ""
            self.ip(name, f"-{family} addr replace {node.address(family)}/{PREFIX_LENGTH[family]} "
                          f"dev {device} {nodad}")
        self.ip(name, f"link set {device} up")
        for family in self.families:
            self.ip(name, f"-{family} route replace default via {node.router(family)} dev {device}")

    def configure_gateway(self, name, tap=TAP):
        """To be called when the gateway's data plane runs: gives its TAP address and route."""
        wait_until(lambda: self.has_device(name, tap), READY_S, f"{tap} in {name}")
        self.configure_address(name, tap)

    # Using it

    def wire(self, name):
        """Returns the router's device on the wire to a node."""
        return f"to-{name}"

    def has_device(self, name, device):
        return run(["ip", "-n", self.netns(name), "link", "show", device],
                   check=False).returncode == 0

    def mac(self, name, device=PORT):
        """Returns the MAC address of a device as text."""
        words = self.ip(name, f"-o link show {device}").stdout.split()
        return words[words.index("link/ether") + 1]

    def ip(self, name, arguments):
        """Runs ip(8) in a namespace; arguments as one string."""
        return run(["ip", "-n", self.netns(name), *arguments.split()])

    def set_sysctls(self, name, settings):
        self.exec(name, ["sysctl", "-q", "-w", *(f"{key}={value}"
                                                 for key, value in settings.items())])

    def command(self, name, argv):
        """Returns argv as it runs in a node's namespace."""
        return ["ip", "netns", "exec", self.netns(name), *map(str, argv)]

    def exec(self, name, argv, check=True, timeout=60, **options):
        """Runs a command in a namespace to its end; returns subprocess.CompletedProcess."""
        return run(self.command(name, argv), check, timeout=timeout, **options)

    def spawn(self, name, argv, log=None, **options):
        """Starts a command in a namespace; returns a Process. Its output goes to LOG.log."""
        path = self.log_dir / f"{log or name + '-' + pathlib.Path(argv[0]).name}.log"
        with open(path, "ab") as output:
            options = {"stdin": subprocess.DEVNULL, "stdout": output, "stderr": output, **options}
            popen = subprocess.Popen(self.command(name, argv), start_new_session=True, **options)
        self._tell_janitor(f"pid {popen.pid} {janitor.start_time(popen.pid)}")
        process = Process(popen, argv, path)
        self._processes.append(process)
        return process

    def capture(self, *names):
        """Listens on the wires to these nodes (all, if none is named); returns {name: Capture}.

        The pcap files are LOG-DIR/NAME.pcap. Returns when all of them are listening.
        """
        captures = {name: self._listen(ROUTER, self.wire(name), name)
                    for name in names or self.nodes}
        for capture in captures.values():
            capture.wait_until_listening()
        return captures

    def capture_device(self, name, device):
        """Listens on one device of a node, into LOG-DIR/NAME-DEVICE.pcap; returns a Capture."""
        capture = self._listen(name, device, f"{name}-{device}")
        capture.wait_until_listening()
        return capture

    def _listen(self, name, device, stem):
        path = self.log_dir / f"{stem}.pcap"
        process = self.spawn(name, [
            "tcpdump", "-i", device, "-n", "-U", "-s", "0", "-B", "8192", "--immediate-mode",
            "-Z", "root", "-w", path], log=f"tcpdump-{stem}-{len(self._captures)}")
        self._captures.append(Capture(process, path))
        return self._captures[-1]

    def _tell_janitor(self, line):
        self._janitor.stdin.write(line + "\n")
        self._janitor.stdin.flush()
