"""A veth between two namespaces: what a generator and a program with sockets, or af_packet, share."""

from lab import run

OFFLOADS = "tx off rx off tso off gso off gro off".split()


class Veth:
    """Ends `device` in `near` and `far`; addresses are put by who wants them."""

    def __init__(self, lab, near, far, device="wire0"):
        self.near = near
        self.far = far
        self.device = device
        run(["ip", "-n", near, "link", "add", device, "type", "veth", "peer", "name", device,
             "netns", far])
        for netns in (near, far):
            self.sysctl(netns, f"net.ipv6.conf.{device}.disable_ipv6=1",
                        f"net.ipv4.conf.{device}.arp_ignore=8", f"net.ipv4.conf.{device}.rp_filter=1")
            # A veth leaves checksums to hardware that is not there.
            run(["ip", "netns", "exec", netns, "ethtool", "-K", device, *OFFLOADS])
            run(["ip", "-n", netns, "link", "set", device, "up"])

    def sysctl(self, netns, *settings):
        for setting in settings:
            run(["ip", "netns", "exec", netns, "sysctl", "-qw", setting])

    def give_address(self, netns, address, length, router):
        """Makes one end an ordinary interface, with a default route over the other."""
        family = 6 if ":" in address else 4
        self.sysctl(netns, f"net.ipv6.conf.{self.device}.disable_ipv6=0",
                    f"net.ipv4.conf.{self.device}.arp_ignore=0",
                    f"net.ipv4.conf.{self.device}.rp_filter=0", "net.ipv4.conf.all.rp_filter=0")
        nodad = ["nodad"] if family == 6 else []
        run(["ip", "-n", netns, f"-{family}", "addr", "add", f"{address}/{length}", "dev",
             self.device, *nodad])
        run(["ip", "-n", netns, f"-{family}", "route", "add", "default", "via", router, "dev",
             self.device])

    def vdev(self):
        """The DPDK device that takes an end, in whichever namespace it is opened."""
        return (f"net_af_packet0,iface={self.device},qpairs=1,qdisc_bypass=1,framesz=2048,"
                "blocksz=4096,framecnt=1024")
