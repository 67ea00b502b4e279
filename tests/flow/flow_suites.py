#!/usr/bin/python3
"""Every suite of the protocol on real packets, and what the links under them are worth.

         t1 ------- to-t1 +--------+ to-gwa ------- gwa  abc.com
     user-a@abc.com       | router |
         t3 ------- to-t3 +--------+
     user-b@abc.com

Each terminal offers one suite; the gateway has all of them. Terminal 1 goes through the suites,
terminal 3 through the same in another order, so that most messages go from one suite into another.
Once by IPsec-MB called directly, once by a device behind cryptodev.
"""

import json
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
from sekisho_flow import Scenario
from topology import SINGLE_GATEWAY

USER_A, USER_B = "user-a@abc.com", "user-b@abc.com"
LEVELS = {"aes-128-gcm-16": 3, "aes-256-gcm-16": 3, "aes-128-cbc-hmac-sha-256-128": 3,
          "aes-128-cbc-hmac-sha-1-96": 3, "null-hmac-sha-256-128": 2,
          "aes-256-cbc-hmac-sha-256-128": 3, "null-aes-128-gmac-16": 2}
SUITES = list(LEVELS)
NULLS = [suite for suite, level in LEVELS.items() if level == 2]
# Dummies that did what they were for, and end here: no loss. A plain one is an answer that came by
# newer keys than its question (docs/protocol.md 1.10: by the SA that the terminal sends by).
ANSWERED = ("esp_probe", "esp_where", "esp_dummy")
SECRET = "nobody on the way may read this, sent under "


def start(run, terminal, suite, **settings):
    if terminal.process:
        terminal.stop()
    terminal.settings = {"suites": [suite], **settings}
    terminal.start()
    run.check(f"{terminal.name} is registered under {suite}", terminal.wait_for("registered"))


def send(run, sender, receiver, text):
    """Sends a text; returns the Route-Security series that came with it, sender first."""
    waiting = receiver.begin("--json", "wait", "message")
    run.check(f"{sender.name} reaches {receiver.name}",
              sender.is_done("message", receiver.aor, text))
    status, printed = receiver.finish(waiting)
    event = json.loads(printed) if status == 0 else {}
    run.equal(f"{receiver.name} has the text, {len(text)} bytes", event.get("message"), text)
    return event.get("path", [])


def exchange(run, gateway, one, two, suites):
    """A short and a long text each way; each link shows with its level."""
    levels = [LEVELS[suite] for suite in suites]
    worth = {row["identity"]: row["level"] for row in gateway.show("registrations")}
    for terminal, suite in zip((one, two), suites):
        shown = [sa["suite"] for sa in gateway.show("sas") if sa["who"] == terminal.aor]
        run.check(f"the gateway has {terminal.name} under {suite}", suite in shown, shown)
        run.equal(f"{suite} is worth", worth[terminal.aor], LEVELS[suite])
    for text in (SECRET + suites[0], "y" * 4000):
        for sender, receiver, expected in ((one, two, levels), (two, one, levels[::-1])):
            path = send(run, sender, receiver, text)
            run.equal(f"levels from {sender.name} to {receiver.name}, {suites}",
                      [hop.get("level") for hop in path], expected)


def null_is_judged(run, one, two):
    """A terminal that wants encryption all the way takes nothing over a link without."""
    start(run, one, NULLS[0])
    start(run, two, SUITES[0], **{"minimum-level": 3})
    refused = one.do("message", USER_B, "over a link of level 2")
    run.check("a message over level 2 is refused by who wants level 3", refused.returncode == 1,
              refused.stdout)
    start(run, one, SUITES[1])
    run.check("over level 3 it is taken", one.is_done("message", USER_B, "over level 3"))


def what_the_wire_shows(run, capture):
    """On the wire of terminal 1 the texts of the NULL suites stand readable, and no others."""
    capture.stop()
    run.equal("the capture is complete", capture.lost, 0)
    seen = capture.path.read_bytes()
    for suite, level in LEVELS.items():
        count = seen.count((SECRET + suite).encode())
        run.check(f"under {suite} the text {'can' if level == 2 else 'cannot'} be read",
                  count >= 2 if level == 2 else count == 0, count)


def all_suites(run, engine):
    capture = run.topology.capture("t1")["t1"]
    gateway = run.gateway("gwa", "abc.com", suites=SUITES)
    gateway.dataplane_settings = {"esp": {"engine": engine}}
    gateway.start()
    gateway.add_subscriber(USER_A, "correct horse a")
    gateway.add_subscriber(USER_B, "correct horse b")
    gateway.ctl("policy", "add", 10, "allow", "@abc.com", "@abc.com", "any")
    one = run.terminal("t1", gateway, USER_A, "correct horse a")
    two = run.terminal("t3", gateway, USER_B, "correct horse b")
    for i, suite in enumerate(SUITES):
        other = SUITES[(i + 3) % len(SUITES)]
        start(run, one, suite)
        start(run, two, other)
        exchange(run, gateway, one, two, (suite, other))
        run.check(f"{suite}: keys are renewed", one.is_done("rekey"))
        send(run, one, two, "under new keys")
    what_the_wire_shows(run, capture)
    null_is_judged(run, one, two)
    drops = {name: count for name, count in gateway.drops().items()
             if name.startswith("esp_") and name not in ANSWERED}
    run.equal("the gateway's ESP refused nothing", drops, {})


def main():
    status = 0
    for engine in ("ipsec-mb", "cryptodev"):
        run = Scenario(SINGLE_GATEWAY, families=(6,))
        with run:
            all_suites(run, engine)
        status = max(status, run.status)
    return status


if __name__ == "__main__":
    sys.exit(main())
