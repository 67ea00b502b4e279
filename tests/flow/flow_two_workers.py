#!/usr/bin/python3
"""Gateways with two workers each: what RSS gives to the wrong one is handed over, nothing is lost.

         t1 ------- to-t1 +--------+ to-gwa ------- gwa  abc.com   2 workers, 2 queues
     user-a@abc.com       | router |
         t2 ------- to-t2 +--------+ to-gwb ------- gwb  xyz.com   2 workers, 2 queues
     user-b@xyz.com

af_packet spreads packets over its queues by a hash of the flow that knows nothing of SPIs, so an
SA's packets may arrive at a worker that does not own it.
"""

import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
from sekisho_flow import Scenario
from two_domains import NODES, TwoDomains, USER_A, USER_B

CALLS = 10
# Dummies that did what they were for, and end here: no loss.
ANSWERED = ("esp_probe", "esp_where")


def handed(gateway):
    """Returns by one reading how many packets workers gave to each other, and how many they
    took."""
    rows = gateway.show("counters")
    return tuple(sum(row["value"] for row in rows if row["name"] == name)
                 for name in ("sk_handoff", "sk_handoff_in"))


def under_way(gateway):
    """Returns how many packets are between two workers (keep-alives never end altogether)."""
    given, taken = handed(gateway)
    return given - taken


def check_shown(run, gateway):
    """The operator sees how the port spreads packets, and what each worker gave to the other."""
    ports = gateway.show("ports")
    run.equal(f"{gateway.name}: show ports says that this device has no RSS",
              [(port["port"], port["device"], port["spread"]) for port in ports],
              [(0, "net_af_packet0", "none")])
    run.check(f"{gateway.name}: and in a table, with what is done instead",
              "no RSS, ownership handoff by ring" in gateway.ctl("show", "ports").stdout)
    given, taken = handed(gateway)
    rows = gateway.show("workers")
    run.equal(f"{gateway.name}: show workers has both", [row["worker"] for row in rows], [0, 1])
    run.check(f"{gateway.name}: with all that they gave to each other, and took",
              sum(row["handed_over"] for row in rows) >= given
              and sum(row["taken_over"] for row in rows) >= taken, [given, taken, rows])


def main():
    run = Scenario(NODES, families=(6,))
    with run:
        domains = TwoDomains(run, workers=2)
        one, two = domains.terminal_1, domains.terminal_2
        domains.start_terminals(two=["--auto-answer"])
        run.equal(f"{CALLS} calls are answered",
                  sum(one.is_done("call", USER_B) and one.is_done("hangup")
                      for _ in range(CALLS)), CALLS)
        run.equal(f"{CALLS} messages pass the other way",
                  sum(two.is_done("message", USER_A, "hello") for _ in range(CALLS)), CALLS)
        gateways = (domains.gateway_a, domains.gateway_b)
        for gateway in gateways:
            run.becomes(f"{gateway.name}: what was handed over was taken",
                        lambda gateway=gateway: under_way(gateway), 0)
            lost = {name: count for name, count in gateway.drops().items()
                    if name not in ANSWERED}
            run.equal(f"{gateway.name}: no packet was dropped", lost, {})
            check_shown(run, gateway)
        # How many is up to the kernel's hash, which may happen to fit; flow_workers.py makes sure
        # that there are some.
        print(f"        packets handed over: {[handed(gateway)[0] for gateway in gateways]}")
    return run.status


if __name__ == "__main__":
    sys.exit(main())
