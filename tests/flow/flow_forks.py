#!/usr/bin/python3
"""A call that another vendor's proxy forks: two phones ring, and both answer (RFC 3261 13.2.2.4).

     SIPp -- t1 ------- to-t1 +--------+ to-gwa ------- gwa  abc.com
         user-a@abc.com       | router |
                              +--------+ to-gwb ------- gwb  Kamailio, xyz.com: two phones behind it

The phones are played by this program, so that each step waits for the one before it. Kamailio
forks, and cancels the second when the first has answered; the second's answer crosses that.
"""

import dataclasses
import os
import pathlib
import socket
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
from kamailio_peer import Kamailio
from sekisho_flow import Scenario
from sipp import Sipp
from stranger import Message, Netns
from topology import GWA, GWB, T1, TopologyError, wait_until
from two_domains import USER_A, USER_B

PROXY = dataclasses.replace(GWB, kind="terminal")  # its addresses are the kernel's
PORTS = {"first": 5070, "second": 5074}
UP_S, STEP_S = 10.0, 15.0
RELIABLE = ("Require: 100rel", "RSeq: 1")
ECHOED = ("Via", "Record-Route", "Route-Security", "From", "Call-ID", "CSeq")


class Phone:
    """A user agent behind the proxy; its To tag is its name."""

    def __init__(self, run, kamailio, name):
        self.name, self.port = name, PORTS[name]
        self.address = kamailio.node.address()
        self.proxy = (self.address, 5060)
        with Netns(run.topology.netns(kamailio.name)):
            self.udp = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
        self.udp.bind((self.address, self.port))
        self.calls = set()

    def receive(self, method):
        """The next request of this method; what comes again meanwhile is passed over."""
        until = time.monotonic() + STEP_S
        while (left := until - time.monotonic()) > 0:
            self.udp.settimeout(left)
            try:
                message = Message(self.udp.recv(65535))
            except TimeoutError:
                break
            if not message.first.startswith(method + " "):
                continue
            call = message.one("Call-ID")
            if method != "INVITE" or call not in self.calls:
                self.calls.add(call)
                return message
        raise TopologyError(f"no {method} came to the {self.name} phone within {STEP_S:g} s")

    def is_quiet(self, *methods):
        """Has nothing of these methods come meanwhile?"""
        self.udp.settimeout(0)
        try:
            while True:
                if Message(self.udp.recv(65535)).first.split()[0] in methods:
                    return False
        except BlockingIOError:
            return True

    def answer(self, request, status, phrase="OK", lines=()):
        head = [f"SIP/2.0 {status} {phrase}"]
        head += [f"{name}: {value}" for name, value in request.headers if name in ECHOED]
        to = request.one("To")
        head += [f"To: {to}" + ("" if ";tag=" in to else f";tag={self.name}"),
                 f"Contact: <sip:{self.name}@[{self.address}]:{self.port}>", *lines,
                 "Content-Length: 0", "", ""]
        self.udp.sendto("\r\n".join(head).encode(), self.proxy)

    def hang_up(self, invite):
        """BYE in the dialog of the INVITE that it answered."""
        target = invite.one("Contact").strip("<>")
        head = [f"BYE {target} SIP/2.0",
                f"Via: SIP/2.0/UDP [{self.address}]:{self.port};branch=z9hG4bK{os.urandom(6).hex()}",
                *(f"Route: {value}" for value in invite.all("Record-Route")),
                f"From: {invite.one('To')};tag={self.name}", f"To: {invite.one('From')}",
                f"Call-ID: {invite.one('Call-ID')}", "CSeq: 1 BYE", "Max-Forwards: 70",
                "Content-Length: 0", "", ""]
        self.udp.sendto("\r\n".join(head).encode(), self.proxy)
        until = time.monotonic() + STEP_S
        while (left := until - time.monotonic()) > 0:
            self.udp.settimeout(left)
            answer = Message(self.udp.recv(65535))
            if answer.status and answer.one("CSeq") == "1 BYE":
                return answer.status
        return None


class Forked:
    def __init__(self, run):
        self.run = run
        self.gateway = run.gateway("gwa", "abc.com")
        self.kamailio = Kamailio(run, "gwb", "xyz.com", self.gateway, ports=PORTS.values())
        self.gateway.settings["peers"] = [self.kamailio.peer(**{"route-security": "annotate"})]
        self.one = run.terminal("t1", self.gateway, USER_A, "correct horse a", trust="chain",
                                local={"port": 5060})
        self.gateway.start()
        self.gateway.add_subscriber(USER_A, "correct horse a")
        self.gateway.ctl("policy", "add", 10, "allow", USER_A, "@xyz.com", "any")
        self.gateway.ctl("policy", "add", 10, "allow", "@xyz.com", USER_A, "any")
        self.kamailio.start()
        wait_until(lambda: self.gateway.show("peers")[0]["state"] == "up", UP_S,
                   "the gateway has connected to Kamailio")
        self.one.start()
        run.check("user-a is registered", self.one.wait_for("registered"))
        self.first, self.second = (Phone(run, self.kamailio, name) for name in PORTS)

    def both_ring(self, lines=(), client=None):
        """Returns the INVITE of each; the second rings when the client is done with the first."""
        invites = []
        for phone in (self.first, self.second):
            invites.append(phone.receive("INVITE"))
            phone.answer(invites[-1], 183, "Session Progress", lines)
            if lines:
                prack = phone.receive("PRACK")
                self.run.check(f"the {phone.name} phone gets a PRACK of its own",
                               prack.one("To").endswith(f";tag={phone.name}")
                               and prack.one("RAck") == "1 1 INVITE", prack.first)
                phone.answer(prack, 200)
                # Kamailio's children overtake each other, and SIPp wants things in order
                wait_until(lambda: client.received("200 OK", f"tag={phone.name}"), STEP_S,
                           "the client hears that its PRACK has arrived")
        return invites

    def both_answer(self, invites):
        """The first has the call. The second hears it too late: ACK, BYE."""
        self.first.answer(invites[0], 200)
        self.run.check("who answers first has the call",
                       self.first.receive("ACK").one("To").endswith(";tag=first"))
        self.second.answer(self.second.receive("CANCEL"), 200)
        self.second.answer(invites[1], 200)
        self.run.check("who answers second is acknowledged",
                       self.second.receive("ACK").one("To").endswith(";tag=second"))
        bye = self.second.receive("BYE")
        self.run.check("and hung up", bye.one("To").endswith(";tag=second"), bye.first)
        self.second.answer(bye, 200)
        warning = self.one.wait_for("warning")
        self.run.check("the terminal says so",
                       warning and "another answer to the same call was hung up" in warning["text"],
                       warning)
        shown = self.one.show()["calls"]
        self.run.equal("the call goes on", [call["state"] for call in shown], ["established"])
        self.run.check("and its phone has heard no BYE", self.first.is_quiet("BYE", "CANCEL"))

    def of_a_client(self):
        client = Sipp(self.run, self.one, "forked_caller", USER_B).start()
        invites = self.both_ring(RELIABLE, client)
        self.both_answer(invites)
        self.run.equal("the phone that has the call hangs up", self.first.hang_up(invites[0]), 200)
        is_good = client.end()
        self.run.check("the client saw both ring and one answer", is_good, client.complaints())

    def of_the_console(self):
        begun = self.one.begin("call", USER_B)
        self.both_answer(self.both_ring())
        status, printed = self.one.finish(begun)
        self.run.equal("the console's call is established", status, 0)
        begun = self.one.begin("hangup")
        bye = self.first.receive("BYE")
        self.run.check("its hangup reaches the phone that has the call",
                       bye.one("To").endswith(";tag=first"), bye.first)
        self.first.answer(bye, 200)
        self.run.equal("and ends the call", self.one.finish(begun)[0], 0)


def main():
    with Scenario((T1, GWA, PROXY), families=(6,)) as run:
        forked = Forked(run)
        forked.of_a_client()
        forked.of_the_console()
        forked.kamailio.stop()
    return run.status


if __name__ == "__main__":
    sys.exit(main())
