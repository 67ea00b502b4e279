"""A gateway under load: a data plane and a control plane as they are in service, configured here."""

import json

from lab import run

TAP = "sekisho0"
GATEWAY = {6: "2001:db8:5e::5060", 4: "10.255.0.1"}
ROUTER = {6: "2001:db8:5e::1", 4: "10.255.0.2"}
FIRST = {6: "2001:db8:7e::a00:1", 4: "10.0.0.1"}
PREFIX = {6: 64, 4: 24}
DOMAIN = "bench.example"
READY_S = 60.0
STATICS_S = 300.0


def make_terminals(lab, directory, count, family=6, *more):
    """Has the generator make a file of static terminals, with keys of its own; returns its path."""
    path = directory / "terminals.yaml"
    run([lab.program("bench/loadgen/sekisho-loadgen"), "--make-terminals", path, "--count", count,
         "--domain", DOMAIN, "--gateway", GATEWAY[family], "--first-address", FIRST[family], *more])
    return path


def yaml(value, indent=0):
    pad = "  " * indent
    lines = []
    for key, item in value.items():
        if isinstance(item, dict):
            lines += [f"{pad}{key}:", *yaml(item, indent + 1)]
        elif isinstance(item, bool):
            lines.append(f"{pad}{key}: {'yes' if item else 'no'}")
        else:
            lines.append(f"{pad}{key}: {json.dumps(item) if isinstance(item, (str, list)) else item}")
    return lines


class Gateway:
    """cores: of the control threads and of the worker, None: any. device: its port, a vdev."""

    def __init__(self, lab, device, terminals, capacity, family=6, cores=(0, 1), netns=None,
                 buffers=8192, memory_mb=128, statics=True, idle=False, control_core=None,
                 **settings):
        self.lab = lab
        self.directory = lab.make_directory("gateway")
        self.netns = netns or lab.netns("gw")
        self.terminals = terminals
        self.capacity = capacity
        self.family = family
        self.device = device
        self.cores = cores
        self.buffers = buffers
        self.memory_mb = memory_mb
        self.idle = idle or cores is None  # may the worker nap?
        if control_core is None and cores:
            control_core = cores[0]
        self.control_core = control_core
        self.statics = statics
        self.settings = settings
        self.dataplane = self.controlplane = None

    def _write(self, name, mapping):
        path = self.directory / name
        path.write_text("\n".join(yaml(mapping)) + "\n")
        path.chmod(0o600)
        return path

    def _dataplane_config(self):
        return {
            "contract": {"socket": str(self.directory / "contract")},
            "workers": 1,
            "idle-backoff": self.idle,
            "registers-per-second": 1000000,
            "capacity": {"sas": self.capacity, "bindings": self.capacity, "buffers": self.buffers},
            "eal": {"file-prefix": self.netns, "hugepages": self.lab.hugepages,
                    "memory-mb": self.memory_mb,
                    **({"cores": list(self.cores)} if self.cores else {})},
            "ports": [{"vdev": self.device, "exception": TAP,
                       "addresses": [f"{GATEWAY[self.family]}/{PREFIX[self.family]}"],
                       "routers": [ROUTER[self.family]]}],
        }

    def _controlplane_config(self):
        config = {
            "gateway-id": 1,
            "domains": [DOMAIN],
            "contract": {"socket": str(self.directory / "contract")},
            "admin": {"socket": str(self.directory / "admin")},
            "store": {"sqlite": str(self.directory / "store.sqlite")},
            "secrets": str(self.directory / "secrets"),
        }
        if self.statics:
            config.update({"unsafe-static-keys": True, "static-terminals": str(self.terminals)})
        return {**config, **self.settings}

    def start(self):
        config = self._write("dataplane.yaml", self._dataplane_config())
        self.dataplane = self.lab.spawn([self.lab.program("dataplane/sekisho-dataplane"),
                                         "--config", config], self.directory, "dataplane",
                                        netns=self.netns)
        self.lab.wait_for(self.dataplane, (self.directory / "contract").exists, READY_S,
                          "the data plane listens")
        self.start_controlplane()

    def start_controlplane(self):
        config = self._write("controlplane.yaml", self._controlplane_config())
        self.controlplane = self.lab.spawn(
            [self.lab.program("controlplane/sekisho-controlplane"), "--config", config],
            self.directory, "controlplane", netns=self.netns,
            cores=None if self.control_core is None else [self.control_core])
        self.lab.wait_for(self.controlplane, self._answers, READY_S, "the control plane answers")
        self.ctl("policy", "add", "10", "allow", f"@{DOMAIN}", f"@{DOMAIN}")
        if self.statics:
            self.lab.wait_for(self.controlplane,
                              lambda: "static terminals: " in self.controlplane.output() and
                              self._answers(), STATICS_S, "static terminals are put")

    def stop(self):
        for process in (self.controlplane, self.dataplane):
            if process:
                process.stop()

    def set_router(self, mac):
        """Tells the gateway's kernel the router's MAC, where nobody is on the wire to be asked.

        Not as permanent: the kernel takes that off a neighbour that it is asked to keep fresh.
        """
        run(["ip", "-n", self.netns, "neigh", "replace", ROUTER[self.family], "lladdr", mac, "dev",
             TAP, "nud", "noarp"])

    def ctl(self, *words, check=True):
        return run([self.lab.program("controlplane/cli/sekishoctl"), "--socket",
                    self.directory / "admin", *words], check, timeout=120)

    def show(self, what):
        return json.loads(self.ctl("--json", "show", what).stdout)

    def drops(self):
        return {row["reason"]: row["count"] for row in self.show("drops") if row["count"]}

    def _answers(self):
        return self.ctl("show", "registrations", check=False).returncode == 0 \
            if not self.statics else self.ctl("show", "status", check=False).returncode == 0


def memif(directory, role, ring=10):
    """The two ends of a memif in a directory; 2^ring frames fit into it."""
    return (f"net_memif0,role={role},id=0,socket={directory}/memif,socket-abstract=no,"
            f"bsize=2048,rsize={ring}")
