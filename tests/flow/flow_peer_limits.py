#!/usr/bin/python3
"""SAs between gateways are renewed by packets, under load and without a loss.

         t1 ------- to-t1 +--------+ to-gwa ------- gwa  abc.com
     user-a@abc.com       | router |
         t2 ------- to-t2 +--------+ to-gwb ------- gwb  xyz.com
     user-b@xyz.com

Both terminals are tests/flow/stranger.py, which count single messages.
"""

import pathlib
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
import configs
from sekisho_flow import Scenario
from stranger import Stranger
from topology import GWA, GWB, T1, T2
from two_domains import NODES, TwoDomains, USER_A, USER_B

SOFT = 1000     # packets of an SA, after which it is to be renewed; it ends at twice as many
MESSAGES = 3600
BURST = 20
RATE = 300  # a second: SAs are looked at every two seconds
RETIRED_S = 60.0  # what was before is received for 30 s


class Limited(TwoDomains):
    """Two domains whose SAs are renewed after few packets; at gateway B alone, which is to ask A
    for it where A opened the connection."""

    def __init__(self, run):
        made = run.gateway

        def gateway(name, domain, **settings):
            one = made(name, domain, **settings)
            if name == "gwb":
                one.settings["tls"] = {**configs.controlplane(one)["tls"], "packets": SOFT}
            return one
        run.gateway = gateway
        super().__init__(run)


def attached(run, name, node, gateway, domain, user, password):
    stranger = Stranger(run.topology.netns(name), node, gateway, domain, user, password)
    stranger.attach()
    run.equal(f"{user} registers", stranger.register().status, 200)
    return stranger


def epochs(domains):
    return [gateway.show("peers")[0]["epoch"] for gateway in (domains.gateway_a, domains.gateway_b)]


def peer_sas(gateway):
    return [sa for sa in gateway.show("sas") if sa["owner"] == "peer"]


def messages_pass(run, one, two):
    """Each in its turn arrives, whatever keys it went by."""
    heard = set()
    for begin in range(0, MESSAGES, BURST):
        due = time.monotonic() + BURST / RATE
        for i in range(begin, begin + BURST):
            one.send(one.request("MESSAGE", f"sip:{USER_B}", call_id=f"number-{i}"))
        for _ in range(BURST):
            message = two.receive()
            if message is None:
                break
            heard.add(message.one("Call-ID"))
        time.sleep(max(0, due - time.monotonic()))
    run.equal("every message has arrived", MESSAGES - len(heard), 0)


def main():
    run = Scenario(NODES, families=(6,))
    with run:
        domains = Limited(run)
        one = attached(run, "t1", T1, GWA, "abc.com", USER_A, "correct horse a")
        two = attached(run, "t2", T2, GWB, "xyz.com", USER_B, "correct horse b")
        before = epochs(domains)
        messages_pass(run, one, two)
        after = epochs(domains)
        run.check(f"meanwhile there were new keys, more than once ({before[0]} to {after[0]})",
                  after[0] >= before[0] + 2)
        run.equal("both sides use the same", after[0], after[1])
        run.check("no SA was used beyond its limit", all(
            sa["packets_in"] < 2 * SOFT and sa["packets_out"] < 2 * SOFT
            for sa in peer_sas(domains.gateway_b)), peer_sas(domains.gateway_b))
        run.becomes("the old ones are gone, and one each way is left",
                    lambda: [len(peer_sas(gateway)) for gateway in
                             (domains.gateway_a, domains.gateway_b)], [2, 2], RETIRED_S)
        one.close()
        two.close()
    return run.status


if __name__ == "__main__":
    sys.exit(main())
