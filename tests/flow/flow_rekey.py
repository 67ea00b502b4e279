#!/usr/bin/python3
"""Keys are renewed in the middle of a call and while it rings; nobody notices.

         t1 ------- to-t1 +--------+ to-gwa ------- gwa  abc.com
     user-a@abc.com       | router |
         t2 ------- to-t2 +--------+ to-gwb ------- gwb  xyz.com
     user-b@xyz.com
"""

import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
from sekisho_flow import Scenario
from topology import wait_until
from two_domains import NODES, TwoDomains, USER_B, read_wires

OLD_SA_ENDS_S = 60.0  # half a minute, and what the timers are apart


def rekey_all(run, domains):
    """Both terminals and the link between the gateways get new keys."""
    for terminal in (domains.terminal_1, domains.terminal_2):
        run.check(f"{terminal.aor} exchanges keys anew", terminal.is_done("rekey"))
    run.check("the gateways exchange keys anew",
              domains.gateway_a.ctl("peer", "rekey", check=False).returncode == 0)


def sas_of(gateway):
    return sorted(row["index"] for row in gateway.show("sas"))


def main():
    run = Scenario(NODES, families=(6,))
    with run:
        captures = run.topology.capture()
        domains = TwoDomains(run)
        one, two = domains.terminal_1, domains.terminal_2
        domains.start_terminals()
        before = len(sas_of(domains.gateway_a))

        begun = one.begin("call", USER_B)
        run.check("it rings", one.wait_for("ringing") and two.wait_for("incoming"))
        rekey_all(run, domains)
        run.check("CANCEL after a rekey reaches the terminal that rings", one.is_done("hangup"))
        run.equal("and ends the call", one.finish(begun)[1][:3], "487")

        begun = one.begin("call", USER_B)
        run.check("it rings again", two.wait_for("incoming"))
        run.check("the callee takes the call", two.is_done("answer"))
        run.equal("the caller is told", one.finish(begun)[0], 0)
        rekey_all(run, domains)
        run.check("BYE after another rekey passes", two.is_done("hangup"))
        run.check("so does a message", one.is_done("message", USER_B, "under new keys"))
        wait_until(lambda: len(sas_of(domains.gateway_a)) <= before, OLD_SA_ENDS_S,
                   "the old SAs end by timer")
        read_wires(run, captures)
    return run.status


if __name__ == "__main__":
    sys.exit(main())
