#!/usr/bin/python3
"""A registered party that lies about the data channel: each lie is refused with its reason.

    t1 ------- to-t1 +--------+ to-gwa ------- gwa  abc.com
  user-a@abc.com     | router |
    t3 ------- to-t3 +--------+
  user-c@abc.com, written here: it answers and offers what it should not

user-a's terminal requires a channel. What it is answered, or offered, is bent in every field; a
call that cannot have a channel ends cleanly at both sides, and nothing was sent to places of
others.
"""

import os
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
import captured
from flow_legacy import receive
from sekisho_flow import Scenario
from stranger import Stranger, b64url
from topology import ROUTER, SINGLE_GATEWAY, comes_true

USER_A, USER_C = "user-a@abc.com", "user-c@abc.com"
PASSWORD = {USER_A: "correct horse a", USER_C: "correct horse c"}
VICTIM = "2001:4242::1"
LOST_S = 60.0  # TUNNEL_CONFIRM_MS, and the machine's load
MOST_PROBES = 100


def attribute(phone, **fields):
    """A good attribute, with these fields put in their places; None leaves one out."""
    said = {"suites": "aes-128-gcm-16", "share": b64url(os.urandom(32)),
            "nonce": b64url(os.urandom(16)), "spi": "a1b2c3d4", "address": phone.address}
    said.update(fields)
    return "1;" + ";".join(f"{name}={value}" for name, value in said.items() if value is not None)


def description(value):
    lines = ["v=0", "o=- 1 1 IN IP6 ::1", "s=-", "c=IN IP6 ::1", "t=0 0",
             *([f"a=sekisho-channel:{value}"] if value else []), "m=audio 9 RTP/AVP 0",
             "a=inactive"]
    return ("\r\n".join(lines) + "\r\n").encode()


def with_body(message, body):
    return message.replace(b"Content-Length: 0\r\n\r\n",
                           b"Content-Type: application/sdp\r\nContent-Length: %d\r\n\r\n%s"
                           % (len(body), body))


LOW_ORDER = b64url(bytes(32))
ANSWERS = (
    ("none at all", None, "none"),
    ("one without a share", {"share": None}, "malformed"),
    ("a share of low order", {"share": LOW_ORDER}, "low order"),
    ("a share of the wrong length", {"share": "AAAA"}, "malformed"),
    ("a suite that was not offered", {"suites": "null-hmac-sha-256-128"}, "not offered"),
    ("a weaker one that nobody offered", {"suites": "aes-128-cbc-hmac-sha-1-96"}, "not offered"),
    ("two suites", {"suites": "aes-128-gcm-16,aes-256-gcm-16"}, "not offered"),
    ("a reserved SPI", {"spi": "00000001"}, "malformed"),
    ("a loopback address", {"address": "::1"}, "malformed"),
    ("a multicast address", {"address": "ff02::1"}, "malformed"),
    ("the gateway's address", {"address": "GATEWAY"}, "gateway"),
    ("the gateway's in UDP", {"udp": "[GATEWAY]:4500"}, "gateway"),
    ("another service's port", {"udp": f"[{VICTIM}]:53"}, "malformed"),
    ("another IP version", {"address": "192.0.2.1"}, "reached"),
    ("more places than there may be",
     {"udp": ",".join(f"[{VICTIM}]:{4500 + i}" for i in range(6))}, "malformed"),
)


def bent(phone, fields):
    if fields is None:
        return None
    return attribute(phone, **{name: value and value.replace("GATEWAY", phone.gateway)
                               for name, value in fields.items()})


def answered(run, one, phone, value):
    """user-a calls and is answered so; returns (exit status, what was printed), and the BYE."""
    begun = one.begin("call", USER_C, seconds=LOST_S)
    invite = receive(phone, "INVITE")
    phone.send(with_body(phone.answer(invite, 200), description(value)))
    printed = one.finish(begun)
    return printed, receive(phone, "ACK"), receive(phone, "BYE")


def lying_answers(run, one, phone):
    for what, fields, reason in ANSWERS:
        (status, printed), ack, bye = answered(run, one, phone, bent(phone, fields))
        run.check(f"{what} answered: the call is given up, and why is said",
                  status == 1 and reason in printed, printed)
        run.check("with ACK and BYE", ack is not None and bye is not None)
        if bye:
            phone.send(phone.answer(bye, 200))
        run.check("and no call is left", is_idle(one), one.show()["text"])


def is_idle(one):
    return comes_true(lambda: "no call" in one.show()["text"])


def lying_offers(run, one, phone):
    """The same as offers: 488 with a Warning, before anybody rings."""
    good = {"commitment": b64url(os.urandom(32))}
    cases = [case for case in ANSWERS if case[0] != "two suites"] + [
        ("no commitment", {"commitment": None}, "malformed")]
    for what, fields, reason in cases:
        reason = "strong" if reason == "not offered" else reason
        value = None if fields is None else bent(phone, {**good, **fields})
        lines = ["Content-Type: application/sdp", f"Contact: <sip:user-c@{phone.inner}>"]
        phone.send(phone.request("INVITE", f"sip:{USER_A}", body=description(value), lines=lines,
                                 call_id=f"lie-{phone.cseq}"))
        answer = phone.receive()
        while answer and answer.status is not None and answer.status < 200:
            answer = phone.receive()
        warning = "".join(answer.all("Warning")) if answer else ""
        run.check(f"{what} offered: 488 and a Warning that says why",
                  answer and answer.status == 488 and reason in warning,
                  (answer and answer.first, warning))
    run.check("nothing rang", "no call" in one.show()["text"])


def forged_answer(run, one, phone):
    """All is well but that nobody has the keys, and the places are somebody else's."""
    capture = run.topology.capture_device(ROUTER, "to-t1")
    udp = ",".join(f"[{VICTIM}]:{4500 + i}" for i in range(4))
    (status, printed), ack, bye = answered(run, one, phone,
                                           attribute(phone, address=VICTIM, udp=udp))
    run.check("a forged answer is taken at first", "call established" in printed
              and "being looked for" in printed and ack is not None, printed)
    run.check("but who called is told that there is no way, and fails where one is required",
              status == 1 and "no way to the other side" in printed, printed)
    lost = one.wait_for("channel-lost", LOST_S)
    run.check("it is never confirmed: the user is told", lost and VICTIM in lost["text"], lost)
    bye = bye or receive(phone, "BYE")
    run.check("and the call ends with BYE", bye is not None)
    if bye:
        phone.send(phone.answer(bye, 200))
    capture.stop()
    sent = [datagram for datagram in (captured.dissect(frame.bytes) for frame in
                                      captured.read_pcap(capture.path))
            if datagram.destination == VICTIM]
    run.check(f"the victim got few small packets ({len(sent)})",
              0 < len(sent) <= MOST_PROBES and all(len(datagram.payload) < 100
                                                   for datagram in sent))


def main():
    run = Scenario(SINGLE_GATEWAY, families=(6,))
    with run:
        gateway = run.gateway("gwa", "abc.com")
        gateway.start()
        for subscriber, password in PASSWORD.items():
            gateway.add_subscriber(subscriber, password)
        gateway.ctl("policy", "add", 10, "allow", "any", "any", "any")
        one = run.terminal("t1", gateway, USER_A, PASSWORD[USER_A], channel="required")
        one.start()
        run.check("user-a is registered", one.wait_for("registered"))
        net = run.topology
        phone = Stranger(net.netns("t3"), net.nodes["t3"], net.nodes["gwa"], "abc.com", USER_C,
                         PASSWORD[USER_C])
        phone.attach()
        run.equal("the liar registers", phone.register().status, 200)
        lying_answers(run, one, phone)
        lying_offers(run, one, phone)
        forged_answer(run, one, phone)
        phone.close()
    return run.status


if __name__ == "__main__":
    sys.exit(main())
