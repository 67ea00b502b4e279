"""Whole processes on real packets: gateways and terminals in a test network, and what they said.

    with Scenario(nodes=PATENT) as run:
        gateway = run.gateway("gwa", "abc.com")
        gateway.start()
        gateway.add_subscriber("user-a@abc.com", "secret")
        terminal = run.terminal("t1", gateway, "user-a@abc.com", "secret")
        run.check("terminal 1 registers", terminal.register())
    sys.exit(run.status)

A scenario checks by itself that no process of ours crashed or complained under a sanitizer. Logs,
configurations and captures are kept when something failed, and their place is told.
"""

import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
SOURCE = HERE.parent.parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
import configs
from checklist import Checklist
from topology import (PATENT, READY_S, TAP, Topology, TopologyError, is_listening_at, run,
                      wait_until)

COMMAND_S = 20.0  # how long a terminal's command may take
FINISH_S = 90.0   # and one that was begun with a time of its own
COMPLAINT = re.compile(r"ERROR: \w+Sanitizer|runtime error:|Assertion .* failed|\*\*\* stack smash")


def build_directory():
    """Returns where the programs are: $SEKISHO_BUILD, as meson sets it, or build/."""
    return pathlib.Path(os.environ.get("SEKISHO_BUILD", SOURCE / "build")).resolve()


class Scenario:
    """A test network with our programs in it, a list of checks, and an orderly end."""

    def __init__(self, nodes=PATENT, families=(4, 6), build=None):
        self.build = pathlib.Path(build).resolve() if build else build_directory()
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="sekisho-flow-"))
        self.topology = Topology(nodes, families, log_dir=self.directory / "log")
        self.checks = Checklist()
        self.check = self.checks.check
        self.equal = self.checks.equal
        self.becomes = self.checks.becomes
        self.gateways = {}
        self.terminals = {}
        self.status = 1

    def __enter__(self):
        try:
            self.topology.__enter__()
        except TopologyError as error:
            shutil.rmtree(self.directory, ignore_errors=True)
            self.check(f"the test network can be made: {error}", False)
            sys.exit(self.checks.close())
        return self

    def __exit__(self, kind, error, _traceback):
        """Ends everything. An error in the scenario is a failed check, an interruption is not."""
        try:
            if kind is None:
                self._end_programs()
            elif issubclass(kind, Exception):
                self.check(f"the scenario runs to its end ({kind.__name__}: {error})", False)
            self._check_complaints()
        finally:
            self.topology.close()
        self.status = self.checks.close()
        if self.status == 0 and kind is None:
            shutil.rmtree(self.directory)
        else:
            print(f"logs, configurations and captures: {self.directory}", flush=True)
        return kind is not None and issubclass(kind, TopologyError)

    # Parts

    def program(self, path):
        """Returns the path of one of our programs, e.g. dataplane/sekisho-dataplane."""
        found = self.build / path
        if not found.exists():
            raise TopologyError(f"{found} is not built")
        return found

    def certificate(self, name, *further):
        """Returns (certificate, key, authority's certificate) of a name, made on first use."""
        directory = self.directory / "authority"
        certificate = directory / f"{name}.pem"
        if not certificate.exists():
            run([SOURCE / "scripts/make-certificates", directory, ",".join((name, *further))])
        return certificate, directory / f"{name}.key", directory / "ca.pem"

    def gateway(self, name, domain, **settings):
        """Makes, but does not start, the gateway of a domain in the namespace of a node."""
        self.gateways[name] = Gateway(self, name, domain, **settings)
        return self.gateways[name]

    def terminal(self, name, gateway, aor, password, **settings):
        """Makes, but does not start, a terminal of a gateway in the namespace of a node."""
        self.terminals[name] = Terminal(self, name, gateway, aor, password, **settings)
        return self.terminals[name]

    def _end_programs(self):
        programs = [part for part in (*self.terminals.values(), *self.gateways.values())]
        for part in programs:
            part.stop()

    def _check_complaints(self):
        for log in sorted(self.topology.log_dir.glob("*.log")):
            found = COMPLAINT.search(log.read_text(errors="replace"))
            if found:
                self.check(f"{log.stem} runs without complaint", False,
                           log.read_text(errors="replace").splitlines()[-40:])


class Part:
    """What a gateway and a terminal share: processes that must end well when asked to."""

    def __init__(self, scenario, name):
        self.scenario = scenario
        self.topology = scenario.topology
        self.name = name
        self.node = scenario.topology.nodes[name]
        self.directory = scenario.directory / name
        self.directory.mkdir()

    def _spawn(self, program, config, log, **options):
        return self.topology.spawn(self.name, [self.scenario.program(program), "--config", config],
                                   log=f"{self.name}-{log}", **options)

    def _end(self, process, what):
        """Ends a process that is to be alive; it must leave with status 0."""
        if process is None:
            return
        if not self.scenario.check(f"the {what} of {self.name} is alive at the end",
                                   process.is_alive(), process.output().splitlines()[-20:]):
            return
        status = process.stop()
        self.scenario.check(f"the {what} of {self.name} ends with status 0 (it is {status})",
                            status == 0, process.output().splitlines()[-20:])

    def _wait(self, process, is_ready, what):
        """Waits for is_ready() while the process lives; its last words are in the error."""
        def is_decided():
            return not process.is_alive() or is_ready()
        try:
            wait_until(is_decided, READY_S, what)
        except TopologyError as error:
            raise TopologyError(f"{error}\n{process.output()[-2000:]}") from error
        if not process.is_alive():
            raise TopologyError(f"{what}: the process ended\n{process.output()[-2000:]}")


class Gateway(Part):
    """A data plane and a control plane in one namespace."""

    def __init__(self, scenario, name, domain, gateway_id=1, workers=1, family=6, peers=(),
                 host=None, priority=1, **settings):
        super().__init__(scenario, name)
        self.domain = domain
        self.gateway_id = gateway_id
        self.workers = workers
        self.family = family  # of the address its peers know it by
        self.peers = list(peers)  # Gateways, which then know this one too
        self.settings = settings  # further settings of the control plane's file
        self.link = {}  # and of each peer in it
        self.dataplane_settings = {}  # and of the data plane's
        self.contract_socket = self.directory / "contract"
        self.admin_socket = self.directory / "admin"
        self.key_log = self.directory / "keys"
        self.dataplane = None
        self.controlplane = None
        # if it is one of several of its domain
        self.own_name = f"{host}.{domain}" if host else domain
        self.priority = priority  # among them
        self.certificate, self.key, self.authority = scenario.certificate(
            *dict.fromkeys((self.own_name, domain)))
        for peer in self.peers:
            peer.peers.append(self)

    def start(self):
        self.start_dataplane()
        self.start_controlplane()

    def start_dataplane(self):
        config = configs.write(self.directory / "dataplane.yaml", configs.dataplane(self))
        self.dataplane = self._spawn("dataplane/sekisho-dataplane", config, "dataplane")
        self._wait(self.dataplane, lambda: self.topology.has_device(self.name, TAP),
                   f"the data plane of {self.name} makes {TAP}")
        self.topology.configure_gateway(self.name)
        self._wait(self.dataplane,
                   lambda: is_listening_at(self.dataplane.pid, self.contract_socket),
                   f"the data plane of {self.name} listens for its control plane")

    def start_controlplane(self):
        config = configs.write(self.directory / "controlplane.yaml", configs.controlplane(self))
        self.controlplane = self._spawn("controlplane/sekisho-controlplane", config,
                                        "controlplane")
        self._wait(self.controlplane, self.is_ready, f"the control plane of {self.name} answers")

    def is_ready(self):
        return self.ctl("show", "registrations", check=False).returncode == 0

    def stop(self):
        self._end(self.controlplane, "control plane")
        self._end(self.dataplane, "data plane")
        self.controlplane = self.dataplane = None

    def stop_dataplane(self):
        self._end(self.dataplane, "data plane")
        self.dataplane = None

    def kill_controlplane(self):
        self.controlplane.stop(signal.SIGKILL)
        self.controlplane = None

    def kill_dataplane(self):
        self.dataplane.stop(signal.SIGKILL)
        self.dataplane = None

    def ctl(self, *words, check=True, secret=None):
        """Runs sekishoctl; secret goes to its standard input. Returns CompletedProcess."""
        program = self.scenario.program("controlplane/cli/sekishoctl")
        options = {"input": secret + "\n"} if secret is not None else {"stdin": subprocess.DEVNULL}
        return run([program, "--socket", self.admin_socket, *words], check, timeout=30, **options)

    def ask(self, command):
        """Returns the result of a command without words of its own, asked at the admin socket itself: in a
        tenth of the time that sekishoctl takes."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as link:
            link.settimeout(COMMAND_S)
            link.connect(str(self.admin_socket))
            link.sendall(json.dumps({"command": command}).encode() + b"\n")
            with link.makefile() as lines:
                answer = json.loads(lines.readline())
        if not answer["ok"]:
            raise TopologyError(f"{command}: {answer['error']}")
        return answer["result"]

    def show(self, what):
        """Returns what `sekishoctl show WHAT --json` says, as Python objects."""
        return json.loads(self.ctl("--json", "show", what).stdout)

    def drops(self):
        """Returns {reason: packets dropped for it} of the reasons there were."""
        return {row["reason"]: row["count"] for row in self.ask("show drops") if row["count"]}

    def settle(self):
        """Waits until the data plane has taken all that the control plane has told it until now: it
        answers in the order in which it was asked."""
        self.show("counters")

    def add_subscriber(self, aor, password):
        self.ctl("subscriber", "add", aor, "--password-stdin", secret=password)


class Terminal(Part):
    """A sekisho-terminal, told what to do through its control socket (sekisho-terminal(1))."""

    PROGRAM = "terminal/sekisho-terminal"

    def __init__(self, scenario, name, gateway, aor, password, family=6, **settings):
        super().__init__(scenario, name)
        self.gateway = gateway
        self.aor = aor
        self.password = password
        self.family = family
        self.settings = settings  # further settings of its file
        self.control_socket = self.directory / "control"
        self.key_log = self.directory / "keys"
        self.process = None

    def start(self, *options):
        config = configs.write(self.directory / "terminal.yaml", configs.terminal(self))
        self.process = self.topology.spawn(
            self.name, [self.scenario.program(self.PROGRAM), "run", "--config", config, *options],
            log=f"{self.name}-terminal")
        self._wait(self.process, lambda: is_listening_at(self.process.pid, self.control_socket),
                   f"the terminal of {self.name} listens")

    def stop(self):
        self._end(self.process, "terminal")
        self.process = None

    def do(self, *words, seconds=COMMAND_S, text=None):
        """Has it carry out a command; returns subprocess.CompletedProcess.

        The exit status is 0 if it was done, 1 if the other side refused (standard output then has
        the status line), 3 if time was up.
        """
        options = {"input": text} if text is not None else {"stdin": subprocess.DEVNULL}
        return run([self.scenario.program(self.PROGRAM), "--socket", self.control_socket,
                    "--timeout", f"{seconds:g}", *words], check=False, timeout=seconds + 5,
                   **options)

    def begin(self, *words, seconds=COMMAND_S):
        """Has it begin a command that will take a while; finish() waits for its end."""
        command = [str(word) for word in (
            self.scenario.program(self.PROGRAM), "--socket", self.control_socket,
            "--timeout", f"{seconds:g}", *words)]
        return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                stderr=subprocess.STDOUT, text=True)

    def finish(self, begun):
        """Returns (exit status, what it printed) of a command that begin() returned."""
        printed, _ = begun.communicate(timeout=FINISH_S)
        return begun.returncode, printed.strip()

    def is_done(self, *words, seconds=COMMAND_S):
        return self.do(*words, seconds=seconds).returncode == 0

    def status_of(self, *words, seconds=COMMAND_S):
        """Returns the SIP status a command was refused with, or None."""
        done = self.do(*words, seconds=seconds)
        status = re.match(r"(\d{3})\b", done.stdout.strip())
        return int(status.group(1)) if done.returncode == 1 and status else None

    def show(self):
        """Returns what `status --json` says, as Python objects."""
        return json.loads(self.do("--json", "status").stdout)

    def wait_for(self, event, seconds=COMMAND_S):
        """Waits for an event; returns it as a mapping, or None."""
        done = self.do("--json", "wait", event, seconds=seconds)
        return json.loads(done.stdout) if done.returncode == 0 else None
