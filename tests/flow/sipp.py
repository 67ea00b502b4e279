"""SIPp as the SIP client of a terminal: scenarios of sipp/, run to their end or in the
background."""

import pathlib

from topology import READY_S, wait_until

SCENARIOS = pathlib.Path(__file__).resolve().parent / "sipp"
AGENT_PORT = 5060
TIME_S = 40
AUDIO = "audio.pcmu"
AUDIO_BYTES = 8000


def is_listening(process, port):
    """Is its port open? A client that is called before that is taken for gone."""
    directory = pathlib.Path(f"/proc/{process.pid}/net")
    tables = [directory / name for name in ("udp", "udp6", "tcp", "tcp6")]
    try:
        return any(line.split()[1].endswith(f":{port:04X}")
                   for table in tables if table.exists()
                   for line in table.read_text().splitlines())
    except OSError:
        return False  # it ended meanwhile


class Sipp:
    """One SIPp beside a terminal, at a loopback address, over UDP or TCP.

    A scenario is a file of sipp/ without its ending, or one of SIPp's own if is_own.
    """

    def __init__(self, run, terminal, scenario, other, flow="udp", ipv6=False, calls=1, port=5070,
                 media=6000, aor=None, contact_flow=None, is_own=False):
        self.run = run
        self.terminal = terminal
        self.scenario = scenario
        self.directory = run.directory / f"sipp-{terminal.name}-{scenario}-{flow}-{port}"
        self.directory.mkdir(exist_ok=True)
        (self.directory / AUDIO).write_bytes(bytes(range(256)) * (AUDIO_BYTES // 256))
        host = "[::1]" if ipv6 else "127.0.0.1"
        own = "::1" if ipv6 else "127.0.0.1"
        self.command = ["sipp", f"{host}:{AGENT_PORT}",
                        *(["-sn", scenario] if is_own else ["-sf", SCENARIOS / f"{scenario}.xml"]),
                        "-i", own, "-p", port, "-mi", own, "-mp", media, "-t",
                        "t1" if flow == "tcp" else "u1", "-s", other, "-key", "aor",
                        aor or terminal.aor, "-key", "flow", contact_flow or flow, "-m", calls,
                        "-l", calls,
                        "-r", calls, "-nostdin", "-timeout", f"{TIME_S}s", "-timeout_error",
                        "-trace_err", "-error_file", self.directory / "errors", "-trace_msg",
                        "-message_file", self.directory / "messages", "-max_reconnect", 3]
        self.port = port
        self.process = None

    def option(self, *words):
        self.command += words
        return self

    def start(self):
        self.process = self.run.topology.spawn(
            self.terminal.name, self.command, cwd=self.directory,
            log=f"{self.terminal.name}-sipp-{self.scenario}")
        wait_until(lambda: self.is_listening() or not self.process.is_alive(), READY_S,
                   f"SIPp listens at port {self.port}")
        return self

    def is_listening(self):
        return is_listening(self.process, self.port)

    def end(self):
        """Waits for its end; was every call as the scenario says?"""
        try:
            return self.process.popen.wait(timeout=TIME_S + 10) == 0
        except Exception:
            self.process.stop()
            return False

    def is_good(self):
        return self.start().end()

    def received(self, *texts):
        """Has a message come that has all of these in it?"""
        path = self.directory / "messages"
        return path.exists() and any(
            "message received" in message and all(text in message for text in texts)
            for message in path.read_text(errors="replace").split("-" * 40))

    def complaints(self):
        """What SIPp says was wrong, and the messages it saw last."""
        lines = []
        for name, count in (("errors", 20), ("messages", 60)):
            path = self.directory / name
            if path.exists():
                lines += path.read_text(errors="replace").splitlines()[-count:]
        return lines


def register(run, terminal, contact, flow="udp", ipv6=False, aor=None):
    """Registers a client that listens at the port contact; returns whether the agent took it."""
    return Sipp(run, terminal, "register", "-", "udp", ipv6, port=5099, aor=aor,
                contact_flow=flow).option("-key", "contact", contact).is_good()
