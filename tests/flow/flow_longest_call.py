#!/usr/bin/python3
"""A call that has lasted as long as the terminal's policy lets one is ended, its data channel with it.

         t1 ------- to-t1 +--------+ to-gwa ------- gwa  abc.com
     user-a@abc.com       | router |
         t2 ------- to-t2 +--------+ to-gwb ------- gwb  xyz.com
     user-b@xyz.com
"""

import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
from data_channel import open_channel, ping
from sekisho_flow import Scenario
from two_domains import NODES, TwoDomains

LONGEST_S = 15
ENDED_S = 40.0


def main():
    run = Scenario(NODES, families=(4, 6))
    with run:
        domains = TwoDomains(run)
        one, two = domains.terminal_1, domains.terminal_2
        for terminal in (one, two):
            terminal.settings["channel"] = "wanted"
        one.settings["longest-call"] = f"{LONGEST_S}s"
        domains.start_terminals(two=["--auto-answer"])
        here, there = open_channel(run, one, two)
        run.check("ping passes meanwhile", ping(run, here, there, 6))
        run.check("there is a channel at each end",
                  all("channel" in terminal.show() for terminal in (one, two)))
        told = one.wait_for("warning", seconds=ENDED_S)
        run.check("the caller's end is told why", told and "as long as one may" in told["reason"],
                  told)
        for terminal in (one, two):
            run.check(f"the call ends at {terminal.aor}", terminal.wait_for("ended", ENDED_S))
        run.becomes("and no channel is left at either end",
                    lambda: ["channel" in terminal.show() for terminal in (one, two)],
                    [False, False])
        run.check("nor anybody reached by it", not ping(run, here, there, 6))
        run.check("nor any call", "no call" in one.show()["text"]
                  and "no call" in two.show()["text"], [one.show()["text"], two.show()["text"]])
    return run.status


if __name__ == "__main__":
    sys.exit(main())
