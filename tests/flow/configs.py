"""The configuration files the flow tests give our programs, in one place.

The forms are those of docs/configuration.md. Each function returns a mapping; write() makes a YAML
file of it.
"""

import json
import os

from topology import PREFIX_LENGTH, TAP

# The kernel puts IPv4 fragments together before it gives them to a packet socket of this driver.
LARGE_FRAMES = "framesz=17408,blocksz=69632,framecnt=512"
MEMORY_MB = 128  # what a data plane asks for; it grows by a third beyond it where it can
HUGEPAGE_MB = 2


def yaml(value, indent=0):
    """Returns a mapping, list or scalar as the lines of a YAML document."""
    pad = "  " * indent
    if isinstance(value, dict):
        lines = []
        for key, item in value.items():
            if isinstance(item, (dict, list)) and item:
                lines += [f"{pad}{key}:", *yaml(item, indent + 1)]
            else:
                lines.append(f"{pad}{key}: {_scalar(item)}")
        return lines
    lines = []
    for item in value:
        if isinstance(item, dict):
            first, *rest = yaml(item, indent + 1)
            lines += [f"{pad}- {first.strip()}", *rest]
        else:
            lines.append(f"{pad}- {_scalar(item)}")
    return lines


def _scalar(value):
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (int, float)):
        return str(value)
    if isinstance(value, (dict, list)):
        return "{}" if isinstance(value, dict) else "[]"
    return json.dumps(str(value))


def write(path, mapping):
    path.write_text("\n".join(yaml(mapping)) + "\n")
    path.chmod(0o600)
    return path


def dataplane(gateway):
    """The data plane of a gateway: one port, the veth of its namespace."""
    node = gateway.node
    return {
        "contract": {"socket": gateway.contract_socket},
        "state-file": gateway.directory / "state",
        "workers": gateway.workers,
        "idle-backoff": True,
        **gateway.dataplane_settings,
        "eal": {
            "file-prefix": f"{gateway.topology.netns(gateway.name)}",
            "hugepages": uses_hugepages(),
            "memory-mb": MEMORY_MB,
        },
        "ports": [{
            "vdev": f"net_af_packet0,iface=port0,qpairs={gateway.workers},qdisc_bypass=1,{LARGE_FRAMES}",
            "large-frames": True,
            "exception": TAP,
            "addresses": [f"{node.address(family)}/{PREFIX_LENGTH[family]}"
                          for family in gateway.topology.families],
            "routers": [node.router(family) for family in gateway.topology.families],
        }],
    }


def controlplane(gateway):
    """The control plane of a gateway, its peers known by certificate and address."""
    return {
        "gateway-id": gateway.gateway_id,
        "domains": [gateway.domain],
        "contract": {"socket": gateway.contract_socket},
        "admin": {"socket": gateway.admin_socket},
        "store": {"sqlite": gateway.directory / "store.sqlite"},
        "secrets": gateway.directory / "secrets",
        "key-log": gateway.key_log,
        "tls": {
            "certificate": gateway.certificate,
            "key": gateway.key,
            "ca": gateway.authority,
            "listen": [gateway.node.address(gateway.family)],
        },
        "peers": [_peer(gateway, domain) for domain in
                  dict.fromkeys(peer.domain for peer in gateway.peers)],
        **gateway.settings,
    }


def _peer(gateway, domain):
    """The peer of a domain, with each of its gateways that are given names of their own."""
    is_sibling = domain == gateway.domain
    ways = [{
        "addresses": [peer.node.address(peer.family)],
        **({"gateway-id": peer.gateway_id} if is_sibling else {}),
    } for peer in gateway.peers if peer.domain == domain]
    named = [{"name": peer.own_name, "priority": peer.priority}
             for peer in gateway.peers if peer.domain == domain and peer.own_name != domain]
    return {
        "name": domain,
        "domains": [domain],
        **({"sibling": True} if is_sibling else {}),
        **({"gateways": [{**name, **way} for name, way in zip(named, ways)]} if named
           else ways[0]),
        **gateway.link,
    }


def terminal(terminal):
    """A terminal: whom it is, where its gateway is. A setting of None is left out."""
    gateway = terminal.gateway
    own = {} if terminal.password is None else {
        "password-file": write_secret(terminal.directory / "password", terminal.password)}
    settings = {
        "aor": terminal.aor,
        **own,
        "gateway": {
            "domain": gateway.domain,
            "address": gateway.node.address(terminal.family),
        },
        "address": terminal.node.address(terminal.family),
        "control": {"socket": terminal.control_socket},
        "key-log": terminal.key_log,
        **terminal.settings,
    }
    return {key: value for key, value in settings.items() if value is not None}


def write_secret(path, secret):
    path.write_text(secret + "\n")
    path.chmod(0o600)
    return path


def uses_hugepages():
    """Did scripts/hugepages get some for us, and are there enough left for one data plane?"""
    if os.environ.get("SEKISHO_HUGEPAGES") != "yes":
        return False
    with open("/proc/meminfo") as file:
        free = next(int(line.split()[1]) for line in file if line.startswith("HugePages_Free:"))
    return free * HUGEPAGE_MB >= MEMORY_MB * 2
