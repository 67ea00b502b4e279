"""wireguard-go between t1 and t2: WireGuard in user space, over a TUN device."""

from topology import TopologyError, run as execute, wait_until

READY_S = 15.0
PORT = 51820
INNER = {"t1": "10.74.1.1", "t2": "10.74.2.2"}


class WireGuard:
    """One wireguard-go in each terminal's namespace; each sees a /run of its own."""

    def __init__(self, run, family=4):
        self.topology = run.topology
        self.family = family
        self.directory = run.directory / "wireguard"
        self.directory.mkdir()
        self.daemons = {}

    def inner(self, name):
        return INNER[name]

    def device(self, name):
        return f"wg-{name}"

    def start(self):
        publics = {name: self._make_key(name) for name in INNER}
        for name in INNER:
            self._start(name)
        for name in INNER:
            peer = next(other for other in INNER if other != name)
            self._configure(name, peer, publics[peer])

    def received_bytes(self):
        return int(self._wg("t2", "show", self.device("t2"), "transfer").split()[1])

    def _key(self, name):
        return self.directory / f"{name}.key"

    def _make_key(self, name):
        private = execute(["wg", "genkey"]).stdout
        self._key(name).touch(mode=0o600)
        self._key(name).write_text(private)
        return execute(["wg", "pubkey"], input=private).stdout.strip()

    def _start(self, name):
        self.daemons[name] = self.topology.spawn(
            name, ["unshare", "--mount", "sh", "-c", "mount -t tmpfs tmpfs /run && exec env "
                   f"WG_I_PREFER_BUGGY_USERSPACE_TO_POLISHED_KMOD=1 wireguard-go --foreground "
                   f"{self.device(name)}"], log=f"{name}-wireguard")
        wait_until(lambda: self.topology.has_device(name, self.device(name)), READY_S,
                   f"wireguard-go of {name}")

    def _configure(self, name, peer, public):
        node = self.topology.nodes[peer]
        wait_until(lambda: self._try(name, "show", self.device(name)).returncode == 0, READY_S,
                   f"wireguard-go of {name} answers")
        self._wg(name, "set", self.device(name), "listen-port", PORT, "private-key",
                 self._key(name), "peer", public, "allowed-ips", f"{INNER[peer]}/32", "endpoint",
                 f"{node.address(self.family)}:{PORT}")
        self.topology.ip(name, f"addr add {INNER[name]}/32 dev {self.device(name)}")
        self.topology.ip(name, f"link set {self.device(name)} up")
        self.topology.ip(name, f"route add {INNER[peer]}/32 dev {self.device(name)}")

    def _try(self, name, *words):
        # wg speaks through a socket below the daemon's own /run.
        return self.topology.exec(name, ["nsenter", f"--mount=/proc/{self.daemons[name].pid}/ns/mnt",
                                         "wg", *words], check=False)

    def _wg(self, name, *words):
        done = self._try(name, *words)
        if done.returncode != 0:
            raise TopologyError(f"wg {' '.join(map(str, words))}: {done.stderr}")
        return done.stdout
