#!/usr/bin/python3
"""SIPp as a load behind two terminals, with the files of bench/sipp/ and the command lines of
docs/benchmarking.md.

     SIPp -- t1 ------- to-t1 +--------+ to-gwa ------- gwa  abc.com
         user-a@abc.com       | router |
     SIPp -- t2 ------- to-t2 +--------+ to-gwb ------- gwb  xyz.com
         user-b@xyz.com
"""

import csv
import pathlib
import re
import shlex
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
from sekisho_flow import Scenario
from sipp import is_listening
from topology import READY_S, wait_until
from two_domains import NODES, TwoDomains

SOURCE = HERE.parent.parent
LOCAL_PORT, ANSWER_PORT = 5060, 5071
CALLS = 100  # the manual has 1000 of them
END_S = 60.0


def command_lines():
    """The lines of the how-to that begin with sipp, by their scenario, as lists of words."""
    text = (SOURCE / "docs/benchmarking.md").read_text()
    lines = [shlex.split(line, comments=True)
             for line in re.findall(r"^ +(sipp -sf .*)$", text, re.M)]
    return {pathlib.Path(words[words.index("-sf") + 1]).stem: words for words in lines}


class Load:
    def __init__(self, run, caller, callee):
        self.run = run
        self.caller, self.callee = caller, callee
        self.lines = command_lines()
        run.equal("the how-to has a line for each scenario", sorted(self.lines),
                  ["answer", "call", "register"])

    def spawn(self, terminal, scenario, *more, count=CALLS):
        """The how-to's line as it is, with the number of calls of a test and a file for
        statistics."""
        words = [str(LOCAL_PORT).join(word.split("LOCAL")) for word in self.lines[scenario]]
        if "-m" in words:
            words[words.index("-m") + 1] = str(count)
        return self.run.topology.spawn(
            terminal.name, [*words, "-nostdin", "-trace_stat", "-stf",
                            self.run.directory / f"{scenario}.csv", "-trace_err", "-error_file",
                            self.run.directory / f"{scenario}.errors", *more],
            cwd=SOURCE, log=f"{terminal.name}-sipp-{scenario}")

    def counted(self, scenario):
        """What SIPp itself counted at its end."""
        with open(self.run.directory / f"{scenario}.csv", newline="") as file:
            last = list(csv.DictReader(file, delimiter=";"))[-1]
        return {name: int(last[f"{name}(C)"]) for name in ("SuccessfulCall", "FailedCall")}

    def complaints(self, scenario):
        path = self.run.directory / f"{scenario}.errors"
        return path.read_text(errors="replace")[-1500:] if path.exists() else ""

    def registers(self):
        process = self.spawn(self.callee, "register", count=1)
        self.run.equal("the callee's client registers at its terminal", process.popen.wait(END_S),
                       0)

    def passes(self):
        there = self.spawn(self.callee, "answer", "-m", CALLS)
        wait_until(lambda: is_listening(there, ANSWER_PORT), READY_S,
                   f"SIPp listens at port {ANSWER_PORT}")
        here = self.spawn(self.caller, "call")
        self.run.equal("the caller's SIPp ends well", here.popen.wait(END_S), 0)
        self.run.equal("every call of the file was made and answered", self.counted("call"),
                       {"SuccessfulCall": CALLS, "FailedCall": 0})
        self.run.equal("the callee's SIPp ends well", there.popen.wait(END_S), 0)
        self.run.equal("and answered and ended at the other end", self.counted("answer"),
                       {"SuccessfulCall": CALLS, "FailedCall": 0})
        for scenario in ("call", "answer"):
            self.run.equal(f"{scenario}: SIPp has no complaint", self.complaints(scenario), "")


def main():
    with Scenario(NODES, families=(6,)) as run:
        domains = TwoDomains(run)
        one, two = domains.terminal_1, domains.terminal_2
        for terminal in (one, two):
            terminal.settings["local"] = {"port": LOCAL_PORT}
        domains.start_terminals()
        load = Load(run, one, two)
        load.registers()
        load.passes()
    return run.status


if __name__ == "__main__":
    sys.exit(main())
