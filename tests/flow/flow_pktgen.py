#!/usr/bin/python3
"""The how-to of the Pktgen kit, line by line as docs/benchmarking.md has it, dpdk-testpmd in Pktgen's place.

              memif
    testpmd ========= gateway      a capture of SIP in ESP, round and round; what it holds comes back

Folder and programs are this test's own; everything else is taken as it stands there.
"""

import json
import os
import pathlib
import re
import shlex
import sys

HERE = pathlib.Path(__file__).resolve().parent
SOURCE = HERE.parent.parent
sys.path[:0] = [str(SOURCE / "bench/harness"), str(HERE), str(HERE.parent)]
import configs
from checklist import Checklist
from lab import Lab, LabError, run
from sekisho_flow import build_directory

FOLDER = "/run/sekisho"
PROGRAMS = {"sekisho-loadgen": "bench/loadgen", "sekisho-dataplane": "dataplane",
            "sekisho-controlplane": "controlplane", "sekishoctl": "controlplane/cli"}
# Those that are not Debian's.
ELSEWHERE = {"pktgen"}
READY_S = 60.0
ROUNDS = 2
# What a gateway may drop here: the generator is slower at taking than at sending, or it is the kernel's own.
HARMLESS = {"port_busy", "exception_busy", "next_hop_unknown", "unresolved_busy"}


def how_to():
    """The lines of the section on Pktgen, continued ones joined, in order."""
    text = (SOURCE / "docs/benchmarking.md").read_text()
    section = text[text.index("## Pktgen-DPDK"):]
    lines = "\n".join(re.findall(r"^ {8}(.*)$", section, re.M))
    return [line.strip() for line in re.sub(r"\\\n\s*", "", lines).split("\n")]


class HowTo:
    def __init__(self, checks, lab):
        self.checks, self.lab = checks, lab
        self.folder = lab.directory / "run"
        self.netns = lab.netns("gw")
        self.lines = how_to()
        # DPDK's own programs leave a directory behind, which is here then
        self.environment = {**os.environ, "RUNTIME_DIRECTORY": str(lab.directory), "PATH": ":".join(
            [*(str(lab.build / place) for place in PROGRAMS.values()), os.environ["PATH"]])}

    def take(self, program):
        """The next line with this program, for this folder; what may stand before it is only ELSEWHERE."""
        line = self.lines.pop(0)
        while line.split()[0] in ELSEWHERE:
            line = self.lines.pop(0)
        self.checks.equal("the next line of the how-to", line.split()[0], program)
        # a test's hugepages are the gateway's
        line = line.replace("--in-memory", "--no-huge")
        return line.replace(FOLDER, str(self.folder))

    def carry_out(self, program):
        line = self.take(program)
        done = run(["ip", "netns", "exec", self.netns, "sh", "-c", line], check=False,
                   cwd=self.folder if self.folder.exists() else SOURCE, env=self.environment)
        self.checks.equal(f"done: {line[:60]}", (done.returncode, done.stderr), (0, ""))
        return done.stdout

    def begin(self, program, **options):
        words = shlex.split(self.take(program).removesuffix("&"))
        return self.lab.spawn(words, self.lab.directory, program, netns=self.netns, cwd=self.folder,
                              env=self.environment, **options)

    def adapt(self):
        """Paths of this test, and no hugepages or cores where there are none."""
        for path in self.folder.glob("*.yaml"):
            text = path.read_text().replace(FOLDER, str(self.folder))
            if not self.lab.hugepages:
                text = text.replace("hugepages: yes", "hugepages: no")
            path.write_text(text)
            path.chmod(0o600)

    def ask(self, *words):
        return json.loads(run([self.lab.program("controlplane/cli/sekishoctl"), "--socket",
                               self.folder / "admin", "--json", *words]).stdout)

    def forwarded(self):
        return sum(row["value"] for row in self.ask("show", "counters") if row["name"] == "sk_esp_seal")


def gateway_up(guide):
    dataplane = guide.begin("sekisho-dataplane")
    guide.lab.wait_for(dataplane, (guide.folder / "contract").exists, READY_S, "the data plane listens")
    controlplane = guide.begin("sekisho-controlplane")
    guide.lab.wait_for(controlplane, lambda: "static terminals: " in controlplane.output(), READY_S,
                       "the terminals are put")
    guide.carry_out("sekishoctl")
    guide.carry_out("ip")


def returned(testpmd):
    """Frames that testpmd has received at port 1, its memif, as it said last."""
    shown = re.findall(r"NIC statistics for port 1.*?RX-packets: (\d+)", testpmd.output(), re.S)
    return int(shown[-1]) if shown else 0


def traffic(checks, guide, frames):
    before = guide.forwarded()
    drops = {row["reason"]: row["count"] for row in guide.ask("show", "drops")}
    testpmd = guide.begin("dpdk-testpmd")
    guide.lab.wait_for(testpmd, lambda: guide.forwarded() - before > ROUNDS * frames, READY_S,
                       f"the capture goes through the gateway {ROUNDS} times")
    guide.lab.wait_for(testpmd, lambda: returned(testpmd) > ROUNDS * frames, READY_S,
                       "what the gateway sends comes back")
    checks.check("what the gateway sent on came back", returned(testpmd) > ROUNDS * frames)
    new = {row["reason"] for row in guide.ask("show", "drops")
           if row["count"] != drops.get(row["reason"], 0)}
    checks.equal("nothing but what the wire did not take is dropped", new - HARMLESS, set())
    testpmd.stop()


def play(checks):
    with Lab(build_directory(), configs.uses_hugepages()) as lab:
        guide = HowTo(checks, lab)
        guide.carry_out("mkdir")
        guide.adapt()
        guide.carry_out("sekisho-loadgen")
        guide.carry_out("sekisho-loadgen")
        frames = int(re.search(r"--frames (\d+)", "\n".join(how_to())).group(1))
        gateway_up(guide)
        traffic(checks, guide, frames)
        guide.carry_out("sekishoctl")
        guide.carry_out("sekishoctl")
        checks.equal("that was all of the how-to", guide.lines, [])


def main():
    checks = Checklist()
    try:
        play(checks)
    except LabError as error:
        checks.check(f"the scenario runs to its end: {error}", False)
    return checks.close()


if __name__ == "__main__":
    sys.exit(main())
