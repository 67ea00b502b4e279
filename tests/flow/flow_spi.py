#!/usr/bin/python3
"""An SPI does not come back with other keys while packets of its old self can still be met.

         t1 ------- to-t1 +--------+ to-gwa ------- gwa  abc.com, fifteen places for SAs
  user-a to user-l        | router |
                          +--------+

Terminals, tests/flow/stranger.py, attach, register, de-register and begin anew until all places have
been used and some are used again; by twelve subscribers in turns, for one may not so often. SAs live
for a minute here: a place rests for a second after its SA has ended.
"""

import pathlib
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
from sekisho_flow import Scenario
from stranger import Refused, Stranger
from topology import GWA, SINGLE_GATEWAY, T1

USERS, PASSWORD = [f"user-{letter}@abc.com" for letter in "abcdefghijkl"], "correct horse a"
PLACES = 16  # the least there may be; no SA has the first
TIMES = PLACES + 4  # some places twice
LONGEST_S = 90.0
INDEX = 0xffffff
LATE = b"late"  # what is sent by an SA that has ended


def attached(run, user):
    """A terminal with an SA of its own, or None: there is no place now."""
    stranger = Stranger(run.topology.netns("t1"), T1, GWA, "abc.com", user, PASSWORD)
    try:
        stranger.attach()
    except Refused:
        stranger.close()
        return None
    return stranger


def come_and_go(run):
    """Attaches TIMES times; returns of each SA its SPI and a packet sealed for it, sent never."""
    gone, refused = [], 0
    until = time.monotonic() + LONGEST_S
    while len(gone) < TIMES and time.monotonic() < until:
        stranger = attached(run, USERS[(len(gone) + refused) % len(USERS)])
        if stranger is None:
            refused += 1
            time.sleep(0.2)
            continue
        come, go = stranger.register(), stranger.register(expires=0)
        if not (come and go and come.status == go.status == 200):
            run.check("it registers and de-registers", False, [come and come.first, go and go.first])
        gone.append((stranger.spi_out, stranger.sealed(LATE)))
        stranger.close()
    print(f"        refused meanwhile, a place being at rest: {refused}")
    return gone


def late_packets_open_nothing(run, gateway, gone):
    stranger = attached_at_last(run)
    before = gateway.drops()

    def dropped(*reasons):
        now = gateway.drops()
        return sum(now.get(reason, 0) - before.get(reason, 0) for reason in reasons)

    for _, packet in gone:
        stranger.send_esp(packet)
    run.becomes("late packets of all former SAs are nobody's",
                lambda: dropped("esp_spi_stale", "esp_spi_unknown"), len(gone))
    run.equal("and none was tried with the keys of another", dropped("esp_icv"), 0)
    run.equal("the SA that is there still works", stranger.register().status, 200)
    stranger.close()


def attached_at_last(run):
    until = time.monotonic() + LONGEST_S
    while (stranger := attached(run, USERS[0])) is None and time.monotonic() < until:
        time.sleep(0.2)
    return stranger


def main():
    run = Scenario(SINGLE_GATEWAY, families=(6,))
    with run:
        gateway = run.gateway("gwa", "abc.com", lifetimes={"soft": "45s", "hard": "60s"})
        gateway.dataplane_settings = {"capacity": {"sas": PLACES}}
        gateway.start()
        for user in USERS:
            gateway.add_subscriber(user, PASSWORD)
        gone = come_and_go(run)
        spis = [spi for spi, _ in gone]
        run.equal(f"a terminal attaches {TIMES} times", len(spis), TIMES)
        run.equal("no SPI is given twice", len(set(spis)), len(spis))
        run.check(f"though {PLACES - 1} places are all there are",
                  len({spi & INDEX for spi in spis}) < PLACES, [f"{spi:08x}" for spi in spis])
        late_packets_open_nothing(run, gateway, gone)
    return run.status


if __name__ == "__main__":
    sys.exit(main())
