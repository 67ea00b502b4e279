#!/usr/bin/python3
"""An operator changes the configuration while a call goes on; terminals keep their SAs.

         t1 ------- to-t1 +--------+ to-gwa ------- gwa  abc.com
     user-a@abc.com       | router |
         t2 ------- to-t2 +--------+ to-gwb ------- gwb  xyz.com
     user-b@xyz.com
"""

import json
import pathlib
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
import configs
from sekisho_flow import Scenario
from topology import wait_until
from two_domains import NODES, TwoDomains, USER_B

CONFIRM_S = 6
MESSAGES = 6  # more than the limit lets through within a second


class Configure:
    def __init__(self, run, domains):
        self.run = run
        self.gateway = domains.gateway_a
        self.one = domains.terminal_1

    def write(self, **settings):
        """Writes the file of gateway A as it was started, with these settings besides."""
        mapping = {**configs.controlplane(self.gateway), **settings}
        configs.write(self.gateway.directory / "controlplane.yaml", mapping)

    def configure(self, *words):
        done = self.gateway.ctl("--json", "configure", *words, check=False)
        self.gateway.settle()
        return json.loads(done.stdout) if done.returncode == 0 and done.stdout else done

    def refused_of_many(self):
        """Sends messages as fast as they are answered; returns how many got 503."""
        return [self.one.status_of("message", USER_B, "are you there?")
                for _ in range(MESSAGES)].count(503)

    def all_pass(self, sentence):
        """What a limit had left of a second's allowance is no longer what counts."""
        time.sleep(1)
        self.run.equal(sentence, self.refused_of_many(), 0)

    def sas(self):
        return sorted((row["index"], row["generation"]) for row in self.gateway.show("sas"))

    def mistake_is_shown(self):
        self.write(dscp=99)
        told = self.gateway.ctl("configure", "check", check=False)
        self.run.check("a mistake is shown with file, line and column",
                       told.returncode != 0 and "controlplane.yaml:" in told.stderr and
                       "99" in told.stderr, [told.stderr])

    def restart_is_asked_for(self):
        self.write(**{"gateway-id": 7})
        told = self.gateway.ctl("configure", "commit").stdout
        self.run.check("what needs a restart is named and nothing is done",
                       "nothing was changed" in told and "gateway-id: 1 -> 7" in told, [told])
        self.run.equal("the gateway is who it was", self.gateway.show("status")["gateway_id"], 1)

    def limit_is_tried_and_undone(self):
        self.all_pass("without a limit all messages pass")
        self.write(**{"requests-per-second": 1})
        done = self.configure("commit", CONFIRM_S)
        self.run.equal("a limit is committed", (done["state"], done["confirm_within_s"]),
                       ("committed", CONFIRM_S))
        self.run.check("it holds at once", self.refused_of_many() > 0)
        wait_until(lambda: self.configure("check")["changes"], CONFIRM_S + 20,
                   "the commit that nobody confirmed is undone")
        self.all_pass("then all messages pass again")

    def limit_is_confirmed(self):
        self.configure("commit", 60)
        self.run.equal("a commit is confirmed",
                       self.gateway.ctl("configure", "confirm").returncode, 0)
        self.run.equal("nothing is left to change", self.configure("check")["changes"], [])
        self.run.check("the limit holds", self.refused_of_many() > 0)
        self.run.equal("it is taken back by hand", self.configure("undo")["state"], "undone")
        self.all_pass("and all messages pass")


def main():
    run = Scenario(NODES, families=(6,))
    with run:
        domains = TwoDomains(run)
        configure = Configure(run, domains)
        domains.start_terminals(two=["--auto-answer"])
        run.check("a call is answered", domains.terminal_1.is_done("call", USER_B))
        sas = configure.sas()
        configure.mistake_is_shown()
        configure.restart_is_asked_for()
        configure.limit_is_tried_and_undone()
        configure.limit_is_confirmed()
        run.equal("every SA is the one it was", configure.sas(), sas)
        run.check("the call is ended", domains.terminal_1.is_done("hangup"))
    return run.status


if __name__ == "__main__":
    sys.exit(main())
