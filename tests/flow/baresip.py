"""baresip as the SIP client of a terminal, its configuration made for the test, told what to do by
TCP."""

import json
import math
import pathlib
import re
import struct
import wave

SOURCE = pathlib.Path(__file__).resolve().parent.parent.parent
AGENT = "127.0.0.1:5060"
CONTROL_PORT = 4444
TALK = """
import socket, sys
with socket.create_connection(("127.0.0.1", int(sys.argv[1])), timeout=5) as control:
    text = sys.stdin.read()
    control.sendall(f"{len(text)}:{text},".encode())
    control.settimeout(float(sys.argv[2]))
    try:
        while data := control.recv(65536):
            sys.stdout.write(data.decode(errors="replace"))
            sys.stdout.flush()
            if '"response":true' in data.decode(errors="replace"):
                break
    except TimeoutError:
        pass
"""
CONFIG = """
module_path /usr/lib/baresip/modules
module g711.so
module aufile.so
module aubridge.so
module sndfile.so
snd_path {directory}
module_app account.so
module_app menu.so
module_app ctrl_tcp.so
ctrl_tcp_listen 127.0.0.1:{control}
sip_listen 127.0.0.1:{port}
audio_source aufile,{directory}/tone.wav
audio_player aubridge,played
audio_alert aubridge,alert
rtp_timeout 20
call_max_calls 4
"""
MORE = ";regint=60;answermode={answer};audio_codecs=pcmu;mediaenc=;mwi=no\n"  # for the test


def account(aor, flow, answer):
    """The line that README.md has for it, with another name, and over TCP if so wished."""
    line = re.search(r"^<sip:user-a@abc\.com>;.*$", (SOURCE / "README.md").read_text(),
                     re.MULTILINE)[0]
    line = line.replace("user-a@abc.com", aor)
    if flow == "tcp":
        line = line.replace("transport=udp", "transport=tcp").replace(">", ";transport=tcp>", 1)
    return line + MORE.format(answer=answer)


RATE_HZ = 8000
TONE_S = 60  # longer than any call here: at its end baresip stops speaking


def write_tone(path):
    """A tone of 440 Hz, what a microphone would hear."""
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, RATE_HZ, 0, "NONE", ""))
        period = b"".join(struct.pack("<h", int(8000 * math.sin(2 * math.pi * 440 * i / RATE_HZ)))
                          for i in range(RATE_HZ // 20))
        file.writeframes(period * (20 * TONE_S))


class Baresip:
    """One baresip beside a terminal; it registers with the agent by itself."""

    def __init__(self, run, terminal, flow="udp", answers=False, port=5070):
        self.run = run
        self.terminal = terminal
        self.directory = run.directory / f"baresip-{terminal.name}-{flow}"
        self.directory.mkdir(exist_ok=True)
        (self.directory / "config").write_text(CONFIG.format(
            control=CONTROL_PORT, port=port, directory=self.directory))
        (self.directory / "accounts").write_text(account(
            terminal.aor, flow, "auto" if answers else "manual"))
        write_tone(self.directory / "tone.wav")
        self.process = None

    def start(self):
        self.process = self.run.topology.spawn(self.terminal.name,
                                               ["baresip", "-f", self.directory],
                                               log=f"{self.terminal.name}-baresip")
        return self

    def stop(self):
        self.process.stop()

    def do(self, command, parameters=""):
        """Gives it a command; returns what its control says."""
        asked = json.dumps({"command": command, "params": parameters, "token": "x"})
        return self.run.topology.exec(
            self.terminal.name, ["/usr/bin/python3", "-c", TALK, CONTROL_PORT, 5],
            input=asked, check=False).stdout

    def heard_bytes(self):
        """How long the sound files are that hold what it decoded."""
        return sum(path.stat().st_size for path in self.directory.glob("dump*dec.wav"))

    def output(self):
        # It draws its status over and over on one line.
        lines = re.split(r"[\r\n]+", re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", self.process.output()))
        return [line for line in lines if line.strip()][-40:]
