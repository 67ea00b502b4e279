"""Homes of terminals, each behind a router that routes, or is a NAT (nftables) with mappings of its
own.

What a NAT's terminal sends leaves under the NAT's address, only answers come in, and nobody outside
reaches the terminal's address. Each is a kernel's connection tracking of its own, as two homes
have.
"""

import dataclasses

from topology import PORT, PREFIX_LENGTH, ROUTER, Node

ROUTED = None                         # no NAT
CONE, SYMMETRIC = "", "fully-random"  # one port for all, or one for each connection


@dataclasses.dataclass(frozen=True)
class Home:
    """The router's node, its address seen outside being the node's; and a network inside."""
    node: Node
    inside: str  # the terminal's address
    router: str  # and the router's, there

    @property
    def outside(self):
        return self.node.ipv4


def of_terminal(node, router):
    """The home in whose network a terminal's own address is."""
    return Home(router, node.ipv4, node.router4)


def connect(run, name, home, before=None):
    """A terminal's wire ends at the home's router instead of at the one in the middle, or at
    `before`'s."""
    net, wire = run.topology, run.topology.wire(name)
    net.ip(before.node.name if before else ROUTER,
           f"link set {wire} netns {net.netns(home.node.name)}")
    net.ip(home.node.name, f"address add {home.router}/{PREFIX_LENGTH[4]} dev {wire}")
    net.ip(home.node.name, f"link set {wire} up")
    net.set_sysctls(home.node.name, {"net.ipv4.conf.all.forwarding": 1})
    net.ip(ROUTER, f"route replace {home.inside}/32 via {home.outside}")


def move(run, name, before, home):
    """A terminal leaves one home for another: another network, another address, another way out."""
    net = run.topology
    connect(run, name, home, before)
    net.ip(name, f"address add {home.inside}/{PREFIX_LENGTH[4]} dev {PORT}")
    net.ip(name, f"address del {before.inside}/{PREFIX_LENGTH[4]} dev {PORT}")
    net.ip(name, f"route replace default via {home.router} dev {PORT}")


def set_nat(run, home, kind):
    """Makes a home's NAT one of this kind, and forgets every mapping."""
    run.topology.exec(home.node.name, ["nft", "-f", "-"], input=rules(home, kind))
    run.topology.exec(home.node.name, ["conntrack", "-F"])


def rules(home, kind):
    if kind is ROUTED:
        return "flush ruleset\n"
    ports = ":1024-65535 " + kind if kind else ""
    return f"""
flush ruleset
table ip nat {{
	chain out {{
		type nat hook postrouting priority srcnat; policy accept;
		ip saddr {home.inside} udp sport 1-65535 snat to {home.outside}{ports}
		ip saddr {home.inside} snat to {home.outside}
	}}
}}
table ip guard {{
	chain forward {{
		type filter hook forward priority 0; policy accept;
		ip daddr {home.inside} ct direction original drop
	}}
	chain input {{
		type filter hook input priority 0; policy accept;
		ip daddr {home.outside} drop
	}}
}}
"""
