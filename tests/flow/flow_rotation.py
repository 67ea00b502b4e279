#!/usr/bin/python3
"""The gateway's keys rotate between an INVITE and what belongs to it; nobody notices.

         t1 ---- to-t1 +--------+ to-gwa ---- gwa  abc.com
     user-a@abc.com    | router |
         t3 ---- to-t3 +--------+
     user-c@abc.com

Both terminals are tests/flow/stranger.py, which repeat and compare single messages.
"""

import pathlib
import re
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
from sekisho_flow import Scenario
from stranger import Stranger
from topology import GWA, SINGLE_GATEWAY, T1, T3

USER_A, USER_C = "user-a@abc.com", "user-c@abc.com"
PASSWORDS = {USER_A: "correct horse a", USER_C: "correct horse c"}


def value_of(message, name):
    """Returns a parameter of the top Via."""
    found = re.search(rf";{name}=([^;]+)", message.one("Via"))
    return found.group(1) if found else None


def with_to(request, value):
    """Returns the request (bytes) with another To line."""
    return re.sub(rb"(?m)^To: [^\r]*", b"To: " + value.encode(), request, count=1)


class Rotation:
    def __init__(self, run):
        self.run = run
        self.gateway = run.gateway("gwa", "abc.com")
        self.gateway.start()
        for user, password in PASSWORDS.items():
            self.gateway.add_subscriber(user, password)
        self.gateway.ctl("policy", "add", 10, "allow", USER_A, USER_C, "any")
        self.caller, self.callee = (self.attached("t1", T1, USER_A),
                                    self.attached("t3", T3, USER_C))

    def attached(self, name, node, user):
        stranger = Stranger(self.run.topology.netns(name), node, GWA, "abc.com", user,
                            PASSWORDS[user])
        stranger.attach()
        self.run.equal(f"{user} registers", stranger.register().status, 200)
        return stranger

    def rotate(self):
        self.run.equal("the keys of sk= and tokens rotate",
                       self.gateway.ctl("key", "rotate", check=False).returncode, 0)

    def to_callee(self, request):
        """Sends a request by the caller; returns it as the callee gets it."""
        self.caller.send(request)
        return self.callee.receive()

    def retransmission(self):
        """Returns the caller's INVITE and both times that it came."""
        invite = self.caller.request("INVITE", f"sip:{USER_C}", branch="z9hG4bKsame", cseq=7,
                                     call_id="rotated")
        first = self.to_callee(invite)
        self.rotate()
        second = self.to_callee(invite)
        self.run.check("an INVITE comes, and again after the rotation", first and second)
        self.run.equal("both times with the same branch", value_of(first, "branch"),
                       value_of(second, "branch"))
        self.run.check("and with an sk= under the new key",
                       value_of(first, "sk") != value_of(second, "sk"))
        return invite, first, second

    def answers_after_it(self, first, second):
        """Responses to either transmission come home, and ACK finds the callee."""
        for sentence, request in (("before", first), ("after", second)):
            self.callee.send(self.callee.answer(request, 180, "Ringing"))
            answer = self.caller.receive()
            self.run.equal(f"a 180 to the INVITE from {sentence} the rotation comes home",
                           answer and answer.status, 180)

    def cancel(self, invite, second):
        cancel = invite.replace(b"INVITE sip:", b"CANCEL sip:").replace(b" INVITE\r\n",
                                                                       b" CANCEL\r\n")
        self.rotate()
        heard = self.to_callee(cancel)
        self.run.check("CANCEL after a rotation reaches the terminal that rings",
                       heard is not None and heard.first.startswith("CANCEL "))
        self.run.equal("with the INVITE's branch", value_of(heard, "branch"),
                       value_of(second, "branch"))
        self.callee.send(self.callee.answer(heard, 200))
        answer = self.caller.receive()
        self.run.equal("its 200 comes home", answer and answer.status, 200)

    def busy(self, invite, second):
        """487 ends the INVITE; the ACK to it reaches the callee after another rotation."""
        self.callee.send(self.callee.answer(second, 487, "Request Terminated"))
        answer = self.caller.receive()
        self.run.equal("the 487 comes home", answer and answer.status, 487)
        self.rotate()
        ack = invite.replace(b"INVITE sip:", b"ACK sip:").replace(b" INVITE\r\n", b" ACK\r\n")
        heard = self.to_callee(with_to(ack, answer.one("To")))
        self.run.check("its ACK reaches the callee",
                       heard is not None and heard.first.startswith("ACK "))
        self.run.equal("with the INVITE's branch", value_of(heard, "branch"),
                       value_of(second, "branch"))

    def dialog(self):
        """A token from before two rotations still routes."""
        invite = self.caller.request("INVITE", f"sip:{USER_C}", cseq=20, call_id="long")
        heard = self.to_callee(invite)
        self.callee.send(self.callee.answer(heard, 200))
        answer = self.caller.receive()
        self.run.equal("another call is answered", answer and answer.status, 200)
        self.rotate()
        self.rotate()
        bye = self.caller.request("BYE", answer.one("Contact").strip("<>"), cseq=21, call_id="long",
                                  lines=[f"Route: {answer.one('Record-Route')}"])
        heard = self.to_callee(with_to(bye, answer.one("To")))
        self.run.check("its BYE after two rotations reaches the callee",
                       heard is not None and heard.first.startswith("BYE "))


def main():
    run = Scenario(SINGLE_GATEWAY, families=(6,))
    with run:
        rotation = Rotation(run)
        invite, first, second = rotation.retransmission()
        rotation.answers_after_it(first, second)
        rotation.cancel(invite, second)
        rotation.busy(invite, second)
        rotation.dialog()
        rotation.caller.close()
        rotation.callee.close()
    return run.status


if __name__ == "__main__":
    sys.exit(main())
