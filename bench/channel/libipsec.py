"""strongSwan's kernel-libipsec between t1 and t2: ESP in user space, in UDP, over a TUN device."""

import re

from topology import TopologyError, run as execute, wait_until

CHARON = "/usr/lib/ipsec/charon"
READY_S = 15.0
INNER = {"t1": "10.73.1.1", "t2": "10.73.2.2"}
PORT = 14500  # 4500 is the terminals'
DEVICE = "ipsec0"

SETTINGS = """
charon {{
  port = 0
  port_nat_t = {port}
  load = random nonce openssl kdf kernel-libipsec kernel-netlink socket-default vici updown
  filelog {{ stderr {{ default = 0 }} }}
  plugins {{
    kernel-libipsec {{ load = yes }}
    vici {{ socket = unix://{socket} }}
  }}
}}
"""
CONNECTION = """
connections {{
  bench {{
    version = 2
    proposals = aes128gcm16-prfsha256-x25519
    local_addrs = {own}
    remote_addrs = {other}
    local_port = {port}
    remote_port = {port}
    encap = yes
    local {{ auth = psk
      id = {name}.example }}
    remote {{ auth = psk
      id = {peer}.example }}
    children {{
      net {{
        local_ts = {inner}/32
        remote_ts = {inner_other}/32
        esp_proposals = aes128gcm16
        mode = tunnel
      }}
    }}
  }}
}}
secrets {{
  ike {{ secret = "of this bench only" }}
}}
"""


class LibIpsec:
    """One charon in each terminal's namespace; each sees a /run of its own."""

    def __init__(self, run, family=4):
        self.topology = run.topology
        self.family = family
        self.directory = run.directory / "libipsec"
        self.directory.mkdir()
        self.daemons = {}

    def inner(self, name):
        return INNER[name]

    def start(self):
        for name in INNER:
            self._configure(name)
            self._start(name)
        for name in INNER:
            self._ctl(name, "--load-all", "--file", self._file(name, "swanctl"))
        self._ctl("t1", "--initiate", "--child", "net")
        for name in INNER:
            wait_until(lambda name=name: self.topology.has_device(name, DEVICE), READY_S,
                       f"{DEVICE} in {name}")

    def received_bytes(self):
        found = re.search(r"in .*?(\d+) bytes", self._ctl("t2", "--list-sas"))
        return int(found.group(1)) if found else 0

    def _file(self, name, kind):
        return self.directory / f"{name}.{kind}"

    def _configure(self, name):
        peer = next(other for other in INNER if other != name)
        nodes = self.topology.nodes
        self._file(name, "conf").write_text(SETTINGS.format(port=PORT,
                                                                socket=self._file(name, "vici")))
        self._file(name, "swanctl").write_text(CONNECTION.format(
            port=PORT, name=name, peer=peer, own=nodes[name].address(self.family),
            other=nodes[peer].address(self.family), inner=INNER[name],
            inner_other=INNER[peer]))
        self.topology.ip(name, f"addr add {INNER[name]}/32 dev lo")

    def _start(self, name):
        self.daemons[name] = self.topology.spawn(
            name, ["unshare", "--mount", "sh", "-c",
                   f"mount -t tmpfs tmpfs /run && exec env STRONGSWAN_CONF="
                   f"{self._file(name, 'conf')} {CHARON}"], log=f"{name}-charon")
        wait_until(self._file(name, "vici").exists, READY_S, f"charon of {name}")

    def _ctl(self, name, *words):
        done = execute(["swanctl", *words, "--uri", f"unix://{self._file(name, 'vici')}"],
                       check=False, timeout=30)
        if done.returncode != 0:
            raise TopologyError(f"swanctl {' '.join(map(str, words))}: {done.stdout}{done.stderr}"
                                f"{self.daemons[name].output()[-2000:]}")
        return done.stdout
