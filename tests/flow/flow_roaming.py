#!/usr/bin/python3
"""A terminal behind a NAT goes from one home to another in mid-call: its call goes on, or says why
not.

                      +-- n1 ----- to-n1 +--------+ to-gwa ------- gwa  abc.com
     t1, in mid-call: |                  | router |
     user-a@abc.com   +-- n2 ----- to-n2 +--------+ to-n3 ----- n3 ---- t3  user-b@abc.com

n1 and n2 are the NATs of two homes with networks of their own; n3 routes, or is a NAT (homes.py).
"""

import json
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
import homes
from data_channel import Channel, open_channel, ping
from homes import CONE, ROUTED, Home
from sekisho_flow import Scenario
from topology import Node, SINGLE_GATEWAY, T1, T3, comes_true

USER_A, USER_B = "user-a@abc.com", "user-b@abc.com"
POOL = "10.77.0.0/24"
N1 = Node("n1", "terminal", "2001:1::10", "2001:1::1", "198.18.11.10", "198.18.11.1")
N2 = Node("n2", "terminal", "2001:2::10", "2001:2::1", "198.18.12.10", "198.18.12.1")
N3 = Node("n3", "terminal", "2001:3::10", "2001:3::1", "198.18.13.10", "198.18.13.1")
FIRST, SECOND = homes.of_terminal(T1, N1), Home(N2, "198.18.21.10", "198.18.21.1")
THEIRS = homes.of_terminal(T3, N3)
MOVED_S, LOST_S = 60.0, 90.0  # seconds suffice; what is awaited is a state, not a time


class Roaming:
    def __init__(self, run):
        self.run = run
        for name, home in (("t1", FIRST), ("t3", THEIRS)):
            homes.connect(run, name, home)
        for home in (FIRST, SECOND):
            homes.set_nat(run, home, CONE)
        homes.set_nat(run, THEIRS, ROUTED)
        self.gateway = run.gateway("gwa", "abc.com", family=4, **{"inner-addresses": [POOL]})
        self.gateway.start()
        self.gateway.ctl("policy", "add", 10, "allow", "@abc.com", "@abc.com", "any")
        for aor, name in ((USER_A, "t1"), (USER_B, "t3")):
            self.gateway.add_subscriber(aor, f"correct horse {name}")
            run.terminal(name, self.gateway, aor, f"correct horse {name}", family=4)
        self.one, self.three = run.terminals["t1"], run.terminals["t3"]
        self.one.settings["address"] = None  # chosen by the route: it roams
        for terminal in (self.one, self.three):
            terminal.start("--auto-answer")
            run.check(f"{terminal.aor} is registered", terminal.wait_for("registered", MOVED_S))
        self.home = FIRST

    def bindings(self):
        return [(row["binding"], row["generation"]) for row in self.gateway.show("registrations")
                if row["identity"] == USER_A]

    def is_seen_at(self, home):
        return comes_true(lambda: self.one.show().get("seen", "").startswith(home.outside + ":"),
                          MOVED_S)

    def move(self, home):
        """The terminal is carried to the other home; all that it does there it does by itself."""
        before = self.bindings()
        homes.move(self.run, "t1", self.home, home)
        self.home = home
        moved = self.one.wait_for("moved", MOVED_S)
        self.run.check(f"the terminal notices that it is at {home.node.name}",
                       moved and home.inside in moved["text"], moved)
        self.run.check("it registers from there", self.one.wait_for("registered", MOVED_S))
        self.run.check("through that NAT", self.is_seen_at(home), self.one.show().get("seen"))
        self.run.equal("its binding is the one it had", [len(before), self.bindings()], [1, before])

    def call(self):
        return open_channel(self.run, self.one, self.three)

    def is_followed(self, ends):
        """The other side finds the channel's new way, and both can use it."""
        def is_there():
            return Channel.of(self.run, "t3").report["peer"].startswith(self.home.outside)
        self.run.check("the other side's channel follows it there", comes_true(is_there, MOVED_S),
                       Channel.of(self.run, "t3").report)
        for sender, receiver in (ends, ends[::-1]):
            self.run.check(f"ping passes from {sender.name} after it", comes_true(
                lambda s=sender, r=receiver: ping(self.run, s, r, 6), MOVED_S))

    def is_over(self):
        for terminal in (self.one, self.three):
            self.run.check(f"the call is over at {terminal.name}",
                           comes_true(lambda t=terminal: not t.show()["calls"], MOVED_S))

    def call_goes_on(self):
        """Nobody is in the way at the other side: the channel goes on, too. Each side ends one
        call."""
        ends = self.call()
        self.move(SECOND)
        self.is_followed(ends)
        self.run.check("who has moved hangs up", self.one.is_done("hangup")
                       and self.one.wait_for("ended", MOVED_S)["by"] == "us")
        ended = self.three.wait_for("ended", MOVED_S)
        self.run.check("and its BYE reaches the other side", ended and ended["by"] == "them", ended)
        self.is_over()
        ends = self.call()
        self.move(FIRST)
        self.is_followed(ends)
        self.run.check("a message reaches it there",
                       self.three.is_done("message", USER_A, "there?"))
        self.run.check("the other side hangs up", self.three.is_done("hangup"))
        ended = self.one.wait_for("ended", MOVED_S)
        self.run.check("and its BYE finds the way to the new home",
                       ended and ended["by"] == "them", ended)
        self.is_over()

    def channel_is_lost(self):
        """The other side's NAT lets in only what it has asked: no packet from the new home passes
        it."""
        self.three.stop()
        homes.set_nat(self.run, THEIRS, CONE)
        self.three.start("--auto-answer")
        self.run.check("the other side is behind a NAT now",
                       self.three.wait_for("registered", MOVED_S))
        self.run.check("and knows it", comes_true(
            lambda: THEIRS.outside in self.three.show().get("seen", ""), MOVED_S))
        ends = self.call()
        self.run.check("ping passes before", ping(self.run, *ends, 6))
        self.move(SECOND)
        # Both wait as long; who is first says it, and the other hears his BYE.
        said = [terminal.begin("--json", "wait", "channel-lost", seconds=LOST_S)
                for terminal in (self.one, self.three)]
        self.run.check("one of them finds that the channel is lost",
                       comes_true(lambda: any(wait.poll() is not None for wait in said), LOST_S))
        texts = [json.loads(wait.communicate()[0])["text"] for wait in said if wait.poll() == 0]
        for wait in said:
            if wait.poll() is None:
                wait.kill()
                wait.communicate()
        self.run.check("and says so, and that the call ends", texts and all(
            "the other side is silent" in text and text.endswith("the call ends")
            for text in texts), texts)
        self.is_over()
        again = self.call()
        self.run.check("a new call has a channel between the new places", ping(self.run, *again, 6))
        self.run.check("and is ended", self.one.is_done("hangup"))
        self.is_over()


def main():
    with Scenario((*SINGLE_GATEWAY, N1, N2, N3), families=(4,)) as run:
        roaming = Roaming(run)
        roaming.call_goes_on()
        roaming.channel_is_lost()
    return run.status


if __name__ == "__main__":
    sys.exit(main())
