#!/usr/bin/python3
"""What ends and what goes on: keys renewed under load, SAs spent, registrations, a restart among them.

         t1 ---- to-t1 +--------+ to-gwa ---- gwa  abc.com
     user-a@abc.com    | router |
         t3 ---- to-t3 +--------+
     user-a@abc.com and others

The terminals are strangers (stranger.py, hasty.py), where one of ours is not asked for.
"""

import pathlib
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
from hasty import Hasty
from sekisho_flow import Scenario
from stranger import Stranger
from topology import SINGLE_GATEWAY, wait_until

USER_A, SECOND, USER_B, USER_C = (f"{name}@abc.com" for name in
                                  ("user-a", "second", "user-b", "user-c"))
PASSWORD = "correct horse"
SOFT_PACKETS, SOFT_BYTES = 2000, 4_000_000  # twice as much ends an SA
HARD_S = 20
WINDOW = 48  # requests without an answer at a time
REKEYS = 4  # of each side under load
MESSAGES = 6000
ENDS_S = 15.0
SWEEP_S = 3.0  # a little more than the data plane's round through its SAs


class Lives:
    def __init__(self, run):
        self.run, self.net = run, run.topology
        self.gateway = run.gateway("gwa", "abc.com", **{"lifetimes": {
            "packets": SOFT_PACKETS, "bytes": SOFT_BYTES}})
        self.gateway.start()
        self.gateway.ctl("subscriber", "add", USER_A, "--identity", USER_A, "--identity", SECOND,
                         "--password-stdin", secret=PASSWORD)
        for aor in (USER_B, USER_C):
            self.gateway.add_subscriber(aor, PASSWORD)
        self.gateway.ctl("policy", "add", 10, "allow", "@abc.com", "@abc.com", "any")
        time.sleep(0.3)

    def stranger(self, name, subscriber, kind=Stranger):
        made = kind(self.net.netns(name), self.net.nodes[name], self.net.nodes["gwa"], "abc.com",
                    subscriber, PASSWORD)
        made.attach()
        return made

    def status(self, sentence, answer, expected):
        found = answer.status if answer else None
        return self.run.check(f"{sentence} ({expected})", found == expected,
                              answer.bytes.decode(errors="replace") if answer else "no answer")

    def bindings(self, aor):
        return [row for row in self.gateway.show("registrations") if row["identity"] == aor]

    def reaches(self, sentence, sender, callee, aor):
        """Does a MESSAGE to this name reach this terminal?"""
        sender.send(sender.request("MESSAGE", f"sip:{aor}"))
        request = callee.receive()
        if not self.run.check(sentence, request is not None):
            return
        callee.send(callee.answer(request, 200))
        self.status("and is answered", sender.receive(), 200)

    # The primary terminal

    def primary_stays(self):
        """Whom requests go to is decided by who was there first, also after a restart."""
        one, two = self.stranger("t1", USER_A), self.stranger("t3", USER_A)
        caller = one
        self.status("terminal 1 registers its first name", one.register(instance="one"), 200)
        self.status("terminal 2 registers the second name",
                    two.register(instance="two", aor=SECOND), 200)
        self.status("terminal 1 the second name, too",
                    one.register(instance="one", aor=SECOND), 200)
        before = sorted(self.gateway.show("registrations"), key=repr)
        self.run.equal("three registrations of two terminals", len(before), 3)
        self.reaches("the second name leads to terminal 2", caller, two, SECOND)
        self.gateway.kill_controlplane()
        self.reaches("also without a control plane", caller, two, SECOND)
        self.gateway.start_controlplane()
        wait_until(lambda: len(self.gateway.show("registrations")) == 3, ENDS_S,
                   "the control plane knows its terminals again")
        after = sorted(self.gateway.show("registrations"), key=repr)
        strip = lambda rows: [{key: value for key, value in row.items()
                               if key != "instance"} for row in rows]
        self.run.equal("with their bindings and expiries as they were",
                       strip(after), strip(before))
        self.reaches("the second name still leads to terminal 2", caller, two, SECOND)
        self.status("terminal 2 gives the name up, and is told before its SA goes",
                    two.register(instance="two", aor=SECOND, expires=0), 200)
        self.run.check("nothing comes through its SA any more",
                       two.ask(two.request("OPTIONS", "sip:abc.com"), seconds=0.5) is None)
        self.reaches("now it leads to terminal 1", caller, one, SECOND)
        self.status("which leaves with both names", one.register(
            instance="one", expires=0), 200)
        self.status("one after the other", one.register(instance="one", aor=SECOND, expires=0), 200)
        self.everything_is_gone("after the last name")
        one.close()
        two.close()

    def everything_is_gone(self, sentence):
        wait_until(lambda: not self.gateway.show("sas"), ENDS_S, f"no SA is left {sentence}")
        self.run.equal(f"and no registration {sentence}", self.gateway.show("registrations"), [])

    # Limits

    def spend(self, stranger, requests, body):
        """Sends until nothing comes back any more; how many were answered."""
        answered = 0
        for number in range(requests):
            stranger.send(stranger.request("MESSAGE", "sip:ghost@abc.com", body=body, cseq=1,
                                           call_id=f"spend-{number}"))
            if not stranger.receive(1.0):
                break
            answered += 1
        return answered

    def hard_packets(self):
        """The numbers end with the limit: not one packet more."""
        most = 2 * SOFT_PACKETS
        stranger = self.stranger("t1", USER_C, Hasty)
        self.status("packets: a terminal registers", stranger.register(), 200)
        answered = self.spend(stranger, 2 * most, b"")
        self.run.equal(f"packets: {most} answers come by its SA, that to REGISTER included",
                       answered + 1, most)
        self.everything_is_gone("past the hard limit of packets")
        stranger.close()

    def hard_bytes(self):
        """The bytes are looked at every two seconds."""
        stranger = self.stranger("t1", USER_C, Hasty)
        self.status("bytes: a terminal registers", stranger.register(), 200)
        body = b"x" * 3500
        packet = len(stranger.sealed(stranger.request("MESSAGE", "sip:ghost@abc.com", body=body)))
        below = int(0.95 * 2 * SOFT_BYTES / packet)
        self.run.equal("bytes: below the hard limit all is answered",
                       self.spend(stranger, below, body), below)
        time.sleep(SWEEP_S)
        self.run.equal("bytes: and the SA stays", len(self.gateway.show("sas")), 1)
        self.spend(stranger, int(0.1 * 2 * SOFT_BYTES / packet), body)
        self.everything_is_gone("past the hard limit of bytes")
        stranger.close()

    def hard_time(self):
        self.gateway.kill_controlplane()
        self.gateway.settings["lifetimes"] = {"soft": f"{HARD_S // 2}s", "hard": f"{HARD_S}s"}
        self.gateway.start_controlplane()
        stranger = self.stranger("t1", USER_C)
        begun = time.monotonic()
        self.status("a terminal registers for 300 s", stranger.register(), 200)
        wait_until(lambda: not self.gateway.show("sas"), HARD_S + ENDS_S, "its SA ends by time")
        took = time.monotonic() - begun
        self.run.check(f"after {HARD_S} s (it took {took:.1f} s)", took >= HARD_S - 2)
        self.everything_is_gone("past the hard time")
        stranger.close()

    # New keys under load

    def load(self, sender, callee, callee_rekeys):
        """MESSAGES requests, WINDOW at a time, each to be answered once; new keys meanwhile."""
        answers, delivered = {}, {}
        sent, begun = 0, time.monotonic()
        while len(answers) < MESSAGES:
            while sent < MESSAGES and sent - len(answers) < WINDOW:
                sender.send(sender.request("MESSAGE", f"sip:{callee.subscriber}", cseq=1,
                                           call_id=f"load-{sent}", branch=f"z9hG4bKload{sent}"))
                sent += 1
            for side, rekeys in ((sender, REKEYS), (callee, callee_rekeys)):
                if not side.is_rekeying and side.rekeys < rekeys and \
                        sent >= (side.rekeys + 1) * MESSAGES // (rekeys + 1):
                    side.rekey_begin()
            progress = self.take_requests(callee, delivered) + self.take_answers(sender, answers)
            if not progress:
                last = callee.receive(2.0)
                if not last:
                    break
                self.take_request(callee, last, delivered)
        return answers, delivered, time.monotonic() - begun

    @staticmethod
    def take_request(callee, message, delivered):
        if callee.rekey_go_on(message) or message.status is not None:
            return
        key = message.one("Call-ID")
        delivered[key] = delivered.get(key, 0) + 1
        callee.send(callee.answer(message, 200))

    def take_requests(self, callee, delivered):
        taken = 0
        while message := callee.receive(0):
            self.take_request(callee, message, delivered)
            taken += 1
        return taken

    @staticmethod
    def take_answers(sender, answers):
        taken = 0
        while message := sender.receive(0.001):
            taken += 1
            if sender.rekey_go_on(message):
                continue
            answers.setdefault(message.one("Call-ID"), []).append(message.status)
        return taken

    def rekeys_under_load(self):
        sender, callee = (self.stranger(name, aor, Hasty)
                          for name, aor in (("t1", USER_A), ("t3", USER_B)))
        for side in (sender, callee):
            self.status(f"{side.subscriber} registers", side.register(), 200)
        before = self.bindings(USER_B)
        answers, delivered, took = self.load(sender, callee, REKEYS)
        print(f"        {MESSAGES} messages in {took:.1f} s, {MESSAGES / took:.0f}/s;"
              f" answers by SA {sorted(sender.used.values())}, requests {sorted(callee.used.values())}")
        self.run.equal(f"each of {MESSAGES} messages is answered once, with 200",
                       sum(found == [200] for found in answers.values()), MESSAGES)
        self.run.equal("and was delivered once",
                       sum(found == 1 for found in delivered.values()), MESSAGES)
        for side in (sender, callee):
            self.run.equal(f"{side.subscriber} exchanged keys meanwhile", side.rekeys, REKEYS)
            self.run.equal("and was sent to under each of them", len(side.used), REKEYS + 1)
        pick = lambda rows: [(row["binding"], row["generation"]) for row in rows]
        self.run.equal("the binding is the one it was", pick(self.bindings(USER_B)), pick(before))
        for side in (sender, callee):
            self.status(f"{side.subscriber} leaves", side.register(expires=0), 200)
        self.everything_is_gone("of all those keys")
        sender.close()
        callee.close()

    def ours_renews_its_keys(self):
        """A terminal of ours that gets many messages renews its keys by packets."""
        terminal = self.run.terminal("t3", self.gateway, USER_B, PASSWORD)
        terminal.start()
        self.run.check("a terminal of ours registers", terminal.wait_for("registered"))
        sender = self.stranger("t1", USER_A, Hasty)
        self.status("a stranger registers", sender.register(), 200)
        answers = [sender.ask(sender.request(
            "MESSAGE", f"sip:{USER_B}", cseq=1, call_id=f"ours-{sent}", body=b"hello",
            lines=["Content-Type: text/plain"])) for sent in range(SOFT_PACKETS + WINDOW)]
        bad = [answer.first if answer else "none" for answer in answers
               if answer is None or answer.status != 200]
        self.run.equal("each of its messages is answered with 200", bad[:10], [])
        self.run.check("meanwhile the terminal has exchanged keys anew",
                       terminal.wait_for("rekeyed"))
        terminal.stop()
        self.status("the stranger leaves", sender.register(expires=0), 200)
        self.everything_is_gone("of theirs")
        sender.close()


def main():
    run = Scenario(SINGLE_GATEWAY, families=(6,))
    with run:
        lives = Lives(run)
        lives.primary_stays()
        lives.rekeys_under_load()
        lives.hard_packets()
        lives.hard_bytes()
        lives.ours_renews_its_keys()
        lives.hard_time()
    return run.status


if __name__ == "__main__":
    sys.exit(main())
