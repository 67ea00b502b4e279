#!/usr/bin/python3
"""The test network itself: it carries, it is silent where it must be, and it goes away.

         t1 ----- to-t1 +--------+ to-gwa ----- gwa (no data plane here: a TAP held open by hand)
         2001:1234::10  | router |        2001:6789::5060
         t2 ----- to-t2 +--------+ to-gwb ----- gwb
         2001:cdef::10                    2001:abcd::5060
"""

import os
import pathlib
import signal
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
from checklist import Checklist
from janitor import dpdk_directories
from knocking import frames_in, knock, ping
from topology import GWA, PORT, READY_S, ROUTER, T2, TAP, Topology, run, wait_until

END_S = 30.0

# Opens the TAP as a data plane does and holds it.
HOLD_TAP = f"""
import fcntl, os, struct, time
tun = os.open("/dev/net/tun", os.O_RDWR)
fcntl.ioctl(tun, 0x400454ca, struct.pack("16sH22x", b"{TAP}", 0x1002))  # TUNSETIFF, IFF_TAP|NO_PI
time.sleep(600)
"""

# A run that is interrupted in the middle, where DPDK has made a directory for one of its parts: prints
# its namespaces, then waits for its end.
INTERRUPTED = f"""
import os, sys, time
sys.path[:0] = [{str(HERE)!r}, {str(HERE.parent)!r}]
from janitor import DPDK
from topology import Topology
with Topology(log_dir=sys.argv[1]) as net:
    net.spawn("t1", ["sleep", "600"])
    os.makedirs(os.path.join(DPDK, net.netns("gwa")))
    print(*(net.netns(name) for name in ("router", *net.nodes)), flush=True)
    if sys.argv[2] == "raise":
        raise RuntimeError("on purpose")
    time.sleep(600)
"""


def kernel_answers(net):
    """Tries the gateway from terminal 1 with everything; returns what its kernel sent.

    Answers to a routed sender would leave by the TAP, answers to a neighbour by the port.
    """
    captures = [net.capture_device("gwa", device) for device in (PORT, TAP)]
    for family, address, router in ((6, GWA.ipv6, GWA.router6), (4, GWA.ipv4, GWA.router4)):
        # By its MAC straight away: nobody may need to answer ARP or ND for the rest to arrive.
        mac_of_router = net.mac(ROUTER, net.wire("gwa"))
        net.ip("gwa", f"neigh replace {router} lladdr {mac_of_router} dev {TAP}")
        net.ip(ROUTER, f"neigh replace {address} lladdr {net.mac('gwa')} dev {net.wire('gwa')}")
        ping(net, "t1", address)
        knock(net, "t1", address, family)
        net.ip(ROUTER, f"neigh del {address} dev {net.wire('gwa')}")
        ping(net, "t1", address)  # now ARP or ND comes first
    frames = []
    for capture in captures:
        capture.stop()
        shown = frames_in(capture.path, "not", "ether", "src", net.mac(ROUTER, net.wire("gwa")))
        # Which multicast groups a device is in is said unasked, and no answer.
        frames += [line for line in shown if "listener report" not in line]
    return frames


def check_the_network(checks):
    with tempfile.TemporaryDirectory() as logs, Topology(log_dir=logs) as net:
        for family in (6, 4):
            answer = net.exec("t1", ["ping", "-c1", "-W10", T2.address(family)], check=False)
            checks.check(f"terminal 1 reaches terminal 2 over IPv{family}",
                         answer.returncode == 0, answer.stdout)
        captures = net.capture()
        text = "checksum"
        net.exec("t1", [sys.executable, "-c",
                        "import socket; socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)"
                        f".sendto(b'{text}', ('{T2.ipv6}', 5060))"])
        wait_until(lambda: text.encode() in captures["t2"].path.read_bytes(), READY_S,
                   "a datagram")
        for capture in captures.values():
            capture.stop()
        for name in ("t1", "t2"):
            shown = run(["tcpdump", "-n", "-vv", "-r", captures[name].path, "udp"]).stdout
            checks.check(f"the datagram's checksum is right on the wire of {name}",
                         "[udp sum ok]" in shown, shown)
        checks.check("the captures lost nothing", all(c.lost == 0 for c in captures.values()))

        net.spawn("gwa", [sys.executable, "-c", HOLD_TAP], log="tap")
        net.configure_gateway("gwa")
        frames = kernel_answers(net)
        checks.check("the kernel on a gateway's port answers nothing", not frames, frames)
        net.set_sysctls("gwa", {f"net.ipv6.conf.{PORT}.disable_ipv6": 0,
                                f"net.ipv4.conf.{PORT}.arp_ignore": 0,
                                f"net.ipv4.conf.{PORT}.rp_filter": 0})
        frames = kernel_answers(net)
        for answer in ("ARP (0x0806), length 42: Reply", "echo reply", "unreachable port",
                       "udp port 5060 unreachable", "protocol 50 unreachable", "Flags [R."):
            checks.check(f"without the settings there would be: {answer}",
                         any(answer in frame for frame in frames), frames)


def check_the_end(checks, how, end):
    """Starts a run of its own, ends it by end(process); nothing of it may be left."""
    with tempfile.TemporaryDirectory() as logs:
        process = subprocess.Popen([sys.executable, "-c", INTERRUPTED, logs, how],
                                   stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        names = process.stdout.readline().split()
        checks.equal(f"before {how} there are five namespaces, and DPDK's directory",
                     (len(names), len(dpdk_directories(names))), (5, 1))
        end(process)
        process.wait(END_S)
        process.stdout.close()
        checks.becomes(f"after {how} no namespace is left",
                       lambda: set(names) & set(os.listdir("/run/netns")), set(), END_S)
        checks.becomes("      and no directory of DPDK's", lambda: dpdk_directories(names), [], END_S)


def main():
    checks = Checklist()
    check_the_network(checks)
    check_the_end(checks, "Ctrl-C", lambda process: process.send_signal(signal.SIGINT))
    check_the_end(checks, "SIGTERM", lambda process: process.send_signal(signal.SIGTERM))
    check_the_end(checks, "SIGKILL", lambda process: process.send_signal(signal.SIGKILL))
    check_the_end(checks, "raise", lambda process: None)
    return checks.close()


if __name__ == "__main__":
    sys.exit(main())
