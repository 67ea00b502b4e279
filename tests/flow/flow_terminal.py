#!/usr/bin/python3
"""A terminal's own life at one gateway: in UDP, with a wrong password, after a loss, on its way
out.

         t1 ------- to-t1 +--------+ to-gwa ------- gwa  abc.com
     user-a@abc.com       | router |
         t3 ------- to-t3 +--------+
     user-b@abc.com
"""

import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
from sekisho_flow import Scenario
from topology import SINGLE_GATEWAY

USER_A, USER_B, NOBODY = "user-a@abc.com", "user-b@abc.com", "user-x@abc.com"
LOST_S = 30  # a lost gateway's terminals look for another within this
RAW = """MESSAGE sip:{to} SIP/2.0
Via: SIP/2.0/UDP [{own}]:5060;branch=z9hG4bKraw;rport
Route-Security: [{own}];level=3
Max-Forwards: 0
From: <sip:{sender}>;tag=raw
To: <sip:{to}>
Call-ID: raw
CSeq: 1 MESSAGE
Content-Length: 0

"""


def texts_pass(run, sentence, one, two):
    """Texts of every length pass both ways, in one packet and in several."""
    for length in (1, 1100, 1400, 4000, 14000):
        for sender, receiver in ((one, two), (two, one)):
            run.check(f"{length} bytes pass from {sender.name} {sentence}",
                      sender.is_done("message", receiver.aor, "y" * length))


def wrong_password(run, gateway):
    """A terminal that is refused says so and does not hurry."""
    wrong = run.terminal("t3", gateway, USER_B, "not the password")
    wrong.start()
    failed = wrong.wait_for("attach-failed")
    run.equal("a wrong password is refused with 403", failed and failed.get("status"), 403)
    run.check("it may not call", wrong.do("call", USER_A).stdout.strip() == "not registered")
    run.check("it has not tried again at once", wrong.wait_for("attach-failed", seconds=3) is None)
    wrong.stop()


def leave_and_come_back(run, one, two):
    run.check("terminal 3 de-registers", two.is_done("deregister"))
    run.equal("nobody reaches it then", one.status_of("message", USER_B, "gone?"), 480)
    run.equal("as nobody reaches who never was", one.status_of("message", NOBODY, "?"), 404)
    run.check("terminal 3 registers again", two.is_done("register"))
    run.check("it is reached again", one.is_done("message", USER_B, "back?"))


def new_keys(run, one, two):
    run.check("a call is answered", one.is_done("call", USER_B))
    run.check("terminal 1 renews its keys", one.is_done("rekey"))
    run.check("terminal 3 renews its keys", two.is_done("rekey"))
    run.check("terminal 3 ends the call under them", two.is_done("hangup"))
    run.check("terminal 1 hears it", one.wait_for("ended"))


def what_is_not_ours(run, gateway, one):
    inner = [sa["inner"] for sa in gateway.show("sas") if sa["who"] == USER_A][-1]
    raw = one.do("raw", seconds=2,
                 text=RAW.format(own=inner[1:].partition("]")[0], sender=USER_A, to=USER_B))
    run.equal("a message that has travelled enough comes back", raw.stdout.split("\n")[0],
              "SIP/2.0 483 Too Many Hops")


def gateway_is_lost(run, gateway, one, two):
    """All of it dies; what comes back knows nobody, and everybody comes back by himself."""
    gateway.kill_controlplane()
    gateway.kill_dataplane()
    (gateway.directory / "state").unlink()
    for terminal in (one, two):
        run.check(f"{terminal.name} notices the loss", terminal.wait_for("gateway-lost", LOST_S))
    gateway.start()
    for terminal in (one, two):
        run.check(f"{terminal.name} comes back", terminal.wait_for("registered", LOST_S))
    run.check("a message passes again", one.is_done("message", USER_B, "here"))


def main():
    with Scenario(nodes=SINGLE_GATEWAY) as run:
        gateway = run.gateway("gwa", "abc.com")
        gateway.start()
        gateway.add_subscriber(USER_A, "correct horse a")
        gateway.add_subscriber(USER_B, "correct horse b")
        gateway.ctl("policy", "add", 10, "allow", "@abc.com", "@abc.com", "any")
        one = run.terminal("t1", gateway, USER_A, "correct horse a", encap=True)
        one.start("--unsafe-test")
        run.check("terminal 1 registers, in UDP", one.wait_for("registered"))
        wrong_password(run, gateway)
        two = again(run, gateway)
        texts_pass(run, "in UDP and not", one, two)
        new_keys(run, one, two)
        leave_and_come_back(run, one, two)
        what_is_not_ours(run, gateway, one)
        gateway_is_lost(run, gateway, one, two)
    return run.status


def again(run, gateway):
    """Terminal 3 with its own password, which takes every call."""
    two = run.terminals["t3"]
    two.password = "correct horse b"
    two.settings = {"auto-answer": True, "suites": ["aes-256-gcm-16"], "keep-alive": "2s"}
    two.start()
    run.check("terminal 3 registers", two.wait_for("registered"))
    return two


if __name__ == "__main__":
    sys.exit(main())
