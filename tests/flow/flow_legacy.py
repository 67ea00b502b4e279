#!/usr/bin/python3
"""A phone that knows no Route-Security: refused as unknown, or reached with the gap shown.

         t1 ---- to-t1 +--------+ to-gwa ---- gwa  abc.com
     user-a@abc.com    | router |
         t3 ---- to-t3 +--------+
     user-c@abc.com

user-a has a terminal of ours; user-c's phone is tests/flow/stranger.py without the header.
"""

import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
import configs
from sekisho_flow import Scenario
from sipp import Sipp, register
from stranger import Stranger
from topology import SINGLE_GATEWAY, wait_until

USER_A, USER_C = "user-a@abc.com", "user-c@abc.com"
PASSWORD = {USER_A: "correct horse a", USER_C: "correct horse c"}
GAP = "--?-->"  # as the path is drawn
APPLIED_S = 20
CALLEE_PORT = 5080


def bare(phone, request, status, phrase="OK"):
    """A response without the header, as a phone sends it that does not know it."""
    lines = phone.answer(request, status, phrase).split(b"\r\n")
    return b"\r\n".join(line for line in lines if not line.startswith(b"Route-Security"))


def receive(phone, method):
    """The next request of this method; others are answered as the phone would."""
    while (request := phone.receive()) and not request.first.startswith(method + " "):
        if request.status is None and not request.first.startswith("ACK "):
            phone.send(bare(phone, request, 200))
    return request


def call(run, one, phone):
    """user-a calls; returns (exit status, what it printed) of the command, and the INVITE."""
    begun = one.begin("call", USER_C)
    invite = receive(phone, "INVITE")
    if invite:
        phone.send(bare(phone, invite, 180, "Ringing"))
        phone.send(bare(phone, invite, 200))
    return one.finish(begun), invite


def unmarked(run, one, phone):
    (status, printed), invite = call(run, one, phone)
    run.check("without the mark its INVITE reaches the phone", invite is not None)
    run.check("and an answer without the header is none", status == 1 and "502" in printed, printed)


def refused(run, gateway, one):
    run.equal("marked, it is as unknown as anybody", one.status_of("call", USER_C), 404)
    listed = gateway.ctl("subscriber", "list").stdout
    run.check("the list shows the mark", "LEGACY" in listed, listed)


def restored(run, one, phone):
    (status, printed), invite = call(run, one, phone)
    run.check("under restore the call is taken", status == 0, printed)
    run.equal("the phone saw the series", invite and invite.all("Route-Security"),
              [f"{phone.bracketed(phone.gateway)};level=3",
               f"{phone.bracketed(one_address(run))};level=3"])
    event = one.wait_for("warning")
    run.check("the caller is warned of the gap behind the gateway",
              event and GAP in event["picture"] and phone.address in event["picture"], event)
    run.check("the phone gets the ACK", receive(phone, "ACK") is not None)
    begun = one.begin("hangup")
    bye = receive(phone, "BYE")
    if run.check("the BYE of the call reaches it", bye is not None):
        phone.send(bare(phone, bye, 200))
    status, printed = one.finish(begun)
    run.equal("and its bare 200 comes back", status, 0)


def one_address(run):
    return run.topology.nodes["t1"].address(6)


def refused_for_the_gap(run, one, phone):
    """on-weak-path: refuse. As caller: 488, after ACK and BYE to the phone; as callee: 488,
    Warning."""
    one.stop()
    one.settings.update({"on-weak-path": "refuse", "local": {"port": 5060}})
    one.start("--auto-answer")
    run.check("user-a is back and strict", one.wait_for("registered"))
    (status, printed), _ = call(run, one, phone)
    run.check("the caller gives the call up for the gap", status == 1 and "gap" in printed, printed)
    run.check("and draws it", GAP in printed and phone.address in printed, printed)
    run.check("the phone, which had answered, gets ACK and BYE",
              receive(phone, "ACK") is not None)
    bye = receive(phone, "BYE")
    if run.check("so that no call is left there", bye is not None):
        phone.send(bare(phone, bye, 200))
    phone.send(phone.request("INVITE", f"sip:{USER_A}", route_security=False))
    answer = phone.receive()
    while answer and answer.status is not None and answer.status < 200:
        answer = phone.receive()
    run.equal("a callee refuses a call over a gap", answer and answer.status, 488)
    run.check("and says why in a Warning",
              answer and "399" in "".join(answer.all("Warning")), answer and answer.all("Warning"))
    event = one.wait_for("refused")
    run.check("the user sees the gap in the picture",
              event and GAP in event["picture"] and phone.address in event["picture"], event)
    run.check("and nothing rang", "no call" in one.show()["text"], one.show()["text"])


def refused_to_a_client(run, one, phone):
    """The same where a SIP client of user-a's has the calls."""
    client = Sipp(run, one, "gap_caller", USER_C).start()
    invite = receive(phone, "INVITE")
    if run.check("a client's INVITE reaches the phone", invite is not None):
        phone.send(bare(phone, invite, 180, "Ringing"))
        phone.send(bare(phone, invite, 200))
    run.check("the phone gets ACK", receive(phone, "ACK") is not None)
    bye = receive(phone, "BYE")
    if run.check("and BYE", bye is not None):
        phone.send(bare(phone, bye, 200))
    run.check("the client gets 488, and the gap as the reason", client.end(), client.complaints())
    run.check("a client registers", register(run, one, CALLEE_PORT))
    rings = Sipp(run, one, "short_callee", USER_C, port=CALLEE_PORT).start()
    phone.send(phone.request("INVITE", f"sip:{USER_A}", route_security=False, call_id="gap-again"))
    answer = phone.receive()
    while answer and answer.status is not None and answer.status < 200:
        answer = phone.receive()
    run.equal("where a client would ring a call over a gap is refused, too",
              answer and answer.status, 488)
    seen = (rings.directory / "messages")
    run.check("and the client saw nothing of it",
              rings.process.is_alive() and not (seen.exists() and "INVITE" in seen.read_text()))
    rings.process.stop()


def from_the_phone(run, one, phone):
    phone.send(phone.request("MESSAGE", f"sip:{USER_A}", body=b"hello", route_security=False,
                             lines=["Content-Type: text/plain"]))
    answer = phone.receive()
    run.equal("a request of the phone passes, annotated", answer and answer.status, 200)
    run.equal("as the terminal saw it", answer and answer.all("Route-Security"),
              [f"{phone.bracketed(phone.gateway)};level=3", phone.bracketed(phone.address)])


def main():
    run = Scenario(SINGLE_GATEWAY, families=(6,))
    with run:
        gateway = run.gateway("gwa", "abc.com")
        gateway.start()
        for subscriber, password in PASSWORD.items():
            gateway.add_subscriber(subscriber, password)
        gateway.ctl("policy", "add", 10, "allow", "any", "any", "any")
        one = run.terminal("t1", gateway, USER_A, PASSWORD[USER_A], **{"on-weak-path": "warn"})
        one.start()
        run.check("user-a is registered", one.wait_for("registered"))
        net = run.topology
        phone = Stranger(net.netns("t3"), net.nodes["t3"], net.nodes["gwa"], "abc.com", USER_C,
                         PASSWORD[USER_C])
        phone.attach()
        run.equal("the phone registers", phone.register().status, 200)
        unmarked(run, one, phone)
        gateway.ctl("subscriber", "legacy", USER_C)
        wait_until(lambda: one.status_of("call", USER_C) == 404, APPLIED_S, "the mark counts")
        refused(run, gateway, one)
        gateway.settings["legacy-callee"] = "restore"
        configs.write(gateway.directory / "controlplane.yaml", configs.controlplane(gateway))
        gateway.ctl("configure", "commit")
        gateway.settle()
        restored(run, one, phone)
        from_the_phone(run, one, phone)
        refused_for_the_gap(run, one, phone)
        refused_to_a_client(run, one, phone)
        gateway.ctl("subscriber", "no-legacy", USER_C)
        run.becomes("without the mark the header is asked for again", lambda: getattr(
            phone.ask(phone.request("OPTIONS", "sip:abc.com", route_security=False)), "status",
            None),
            403, APPLIED_S)
        phone.close()
    return run.status


if __name__ == "__main__":
    sys.exit(main())
