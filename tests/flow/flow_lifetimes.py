#!/usr/bin/python3
"""What ends and what goes on: keys renewed under load, SAs spent, registrations, a restart among
them.

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
from hasty import Hasty, hear
from sekisho_flow import Scenario
from stranger import Stranger
from topology import SINGLE_GATEWAY, wait_until

USER_A, SECOND, USER_B, USER_C = (f"{name}@abc.com" for name in
                                  ("user-a", "second", "user-b", "user-c"))
PASSWORD = "correct horse"
SOFT_PACKETS, SOFT_BYTES = 2000, 4_000_000  # twice as much ends an SA
HARD_S = 20
REGISTERED_S = 10  # the least there is
WINDOW = 48  # requests without an answer at a time
HEARD_BYTES = 3000  # of a message that is answered by a small 200
REKEYS = 4  # of each side under load
MESSAGES = 6000
LAST = MESSAGES - 4 * WINDOW  # so many are sent whether or not all exchanges of keys are through
SILENT_S = 20.0  # neither hears anything for so long: something is lost
ENDS_S = 40.0
SPENT_S = 3.0  # an SA by which nothing has come so long is at its end
SWEEP_S = 3.0  # a little more than the data plane's round through its SAs


class Elsewhere:
    """Where terminal 1 is found later: a second address of its node."""

    ADDRESS = "2001:1234::77"

    def address(self, _family):
        return self.ADDRESS


class Lives:
    def __init__(self, run):
        self.run, self.net = run, run.topology
        self.gateway = run.gateway("gwa", "abc.com", **{"lifetimes": {
            "packets": SOFT_PACKETS, "bytes": SOFT_BYTES}, "registration": {
                "min": f"{REGISTERED_S}s"}})
        self.gateway.start()
        self.gateway.ctl("subscriber", "add", USER_A, "--identity", USER_A, "--identity", SECOND,
                         "--password-stdin", secret=PASSWORD)
        for aor in (USER_B, USER_C):
            self.gateway.add_subscriber(aor, PASSWORD)
        self.gateway.ctl("policy", "add", 10, "allow", "@abc.com", "@abc.com", "any")

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

    def everything_is_gone(self, sentence, seconds=ENDS_S):
        wait_until(lambda: not self.gateway.show("sas"), seconds, f"no SA is left {sentence}")
        self.run.becomes(f"and no registration {sentence}",
                         lambda: self.gateway.show("registrations"), [])

    # Back from elsewhere

    def invite(self, caller, callee):
        """A call that is answered; returns what BYE needs: the 200 to INVITE."""
        uri = f"sip:{callee.subscriber}"
        caller.send(caller.request("INVITE", uri, call_id="before", cseq=1,
                                   lines=[f"Contact: <sip:user-b@{caller.inner}>"]))
        callee.send(callee.answer(callee.receive(), 200))
        while (answer := caller.receive()) and answer.status < 200:
            pass
        self.status("a call is answered", answer, 200)
        self.within(caller, answer, "ACK", 1)
        ack = callee.receive()
        self.run.check("the callee gets its ACK", ack and ack.first.startswith("ACK "))
        return answer

    @staticmethod
    def within(caller, answer, method, cseq):
        """Sends a request inside the call that this 200 to INVITE began (RFC 3261 12.2.1.1)."""
        target = answer.one("Contact").strip("<>")
        routes = [f"Route: {value}" for value in reversed(answer.all("Record-Route"))]
        data = caller.request(method, target, call_id="before", cseq=cseq, lines=routes)
        caller.send(data.replace(f"To: <{target}>".encode(), f"To: {answer.one('To')}".encode()))

    def comes_back_elsewhere(self):
        """A terminal that crashed attaches from another address: the binding is its own again."""
        elsewhere = Elsewhere()
        self.net.exec("t1", ["ip", "-6", "address", "add", f"{Elsewhere.ADDRESS}/64", "dev",
                             "port0", "nodad"])
        callee, caller = self.stranger("t1", USER_A), self.stranger("t3", USER_B)
        self.status("the callee registers", callee.register(instance="one"), 200)
        self.status("the caller registers", caller.register(), 200)
        answer = self.invite(caller, callee)
        before, spis = self.bindings(USER_A), {row["index"] for row in self.gateway.show("sas")}
        callee.close()
        back = Stranger(self.net.netns("t1"), elsewhere, self.net.nodes["gwa"], "abc.com", USER_A,
                        PASSWORD)
        back.attach()
        self.status("it comes back from another address", back.register(instance="one"), 200)
        after = self.bindings(USER_A)
        pick = lambda rows: [(row["binding"], row["generation"]) for row in rows]
        self.run.equal("it has the binding it had", pick(after), pick(before))
        self.run.check("reached where it is now", Elsewhere.ADDRESS in after[0]["address"],
                       after[0]["address"])
        wait_until(lambda: len(self.gateway.show("sas")) == len(spis), ENDS_S, "its old SA is gone")
        self.run.check("its new one has another index", after[0]["sa"] not in spis)
        self.within(caller, answer, "BYE", 2)
        bye = back.receive()
        self.run.check("the call from before gets its BYE there",
                       bye and bye.first.startswith("BYE "), bye.first if bye else "nothing came")
        back.send(back.answer(bye, 200))
        self.status("and the caller the answer", caller.receive(), 200)
        self.reaches("a message reaches it there, too", caller, back, USER_A)
        for side, options in ((back, {"instance": "one"}), (caller, {})):
            self.status(f"{side.subscriber} leaves", side.register(expires=0, **options), 200)
        self.everything_is_gone("of the two")
        back.close()
        caller.close()

    def registration_expires(self):
        """With a registration its binding, its SA and its place end, all of them, at once."""
        stranger, caller = self.stranger("t1", USER_C), self.stranger("t3", USER_B)
        self.status("a caller registers", caller.register(), 200)
        answer = stranger.register(expires=REGISTERED_S)
        self.status(f"a terminal registers for {REGISTERED_S} s", answer, 200)
        self.run.equal("two registrations, two SAs", [len(self.gateway.show(what)) for what in (
            "registrations", "sas")], [2, 2])
        self.reaches("it is reached as long as it is registered", caller, stranger, USER_C)
        wait_until(lambda: not self.bindings(USER_C), REGISTERED_S + ENDS_S, "its registration ends")
        self.run.becomes("only the caller's SA is left", lambda: len(self.gateway.show("sas")), 1)
        self.status("nobody reaches it any more", caller.ask(
            caller.request("MESSAGE", f"sip:{USER_C}")), 480)
        self.run.check("and nothing comes through the SA that it had", stranger.ask(
            stranger.registration(), seconds=0.5) is None)
        self.status("the caller leaves", caller.register(expires=0), 200)
        self.everything_is_gone("when the registration has expired")
        stranger.close()
        caller.close()

    # Limits

    def spend(self, stranger, requests, body):
        """Sends until nothing comes back any more; how many were answered."""
        answered = 0
        for number in range(requests):
            stranger.send(stranger.request("MESSAGE", "sip:ghost@abc.com", body=body, cseq=1,
                                           call_id=f"spend-{number}"))
            if not stranger.receive(SPENT_S):
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

    def load(self, sender, callee, rekeys, events=()):
        """MESSAGES requests, WINDOW at a time, each to be answered once; new keys meanwhile.

        events are (number sent, what is done then).
        """
        answers, delivered, events = {}, {}, list(events)
        sent, begun = 0, time.monotonic()
        while len(answers) < MESSAGES:
            # The last ones are kept until both have new keys: they are what goes by these.
            most = MESSAGES if all(side.rekeys == rekeys for side in (sender, callee)) else LAST
            while sent < most and sent - len(answers) < WINDOW:
                sender.send(sender.request("MESSAGE", f"sip:{callee.subscriber}", cseq=1,
                                           call_id=f"load-{sent}", branch=f"z9hG4bKload{sent}"))
                sent += 1
            while events and sent >= events[0][0]:
                events.pop(0)[1]()
            for side in (sender, callee):
                if not side.is_rekeying and side.rekeys < rekeys and \
                        sent >= (side.rekeys + 1) * MESSAGES // (rekeys + 1):
                    side.rekey_begin()
            if not hear((sender, callee), SILENT_S):
                break
            self.take_requests(callee, delivered)
            self.take_answers(sender, answers)
        return answers, delivered, time.monotonic() - begun

    @staticmethod
    def take_requests(callee, delivered):
        while message := callee.receive(0):
            if callee.rekey_go_on(message) or message.status is not None:
                continue
            key = message.one("Call-ID")
            delivered[key] = delivered.get(key, 0) + 1
            callee.send(callee.answer(message, 200))

    @staticmethod
    def take_answers(sender, answers):
        while message := sender.receive(0):
            if not sender.rekey_go_on(message):
                answers.setdefault(message.one("Call-ID"), []).append(message.status)

    def loaded(self, rekeys, events=()):
        """Two terminals under load: nothing is lost, nothing comes twice, and they renew their
        keys."""
        sender, callee = (self.stranger(name, aor, Hasty)
                          for name, aor in (("t1", USER_A), ("t3", USER_B)))
        for side in (sender, callee):
            self.status(f"{side.subscriber} registers", side.register(), 200)
        before = self.bindings(USER_B)
        answers, delivered, took = self.load(sender, callee, rekeys, events)
        print(f"        {MESSAGES} messages in {took:.1f} s, {MESSAGES / took:.0f}/s;"
              f" answers by SA {sorted(sender.used.values())}, requests {sorted(callee.used.values())}")
        self.run.equal(f"each of {MESSAGES} messages is answered once, with 200",
                       sum(found == [200] for found in answers.values()), MESSAGES)
        self.run.equal("and was delivered once",
                       sum(found == 1 for found in delivered.values()), MESSAGES)
        for side in (sender, callee):
            self.run.equal(f"{side.subscriber} exchanged keys meanwhile", side.rekeys, rekeys)
            self.run.equal("and was sent to under each of them", len(side.used), rekeys + 1)
        pick = lambda rows: [(row["binding"], row["generation"]) for row in rows]
        self.run.equal("the binding is the one it was", pick(self.bindings(USER_B)), pick(before))
        for side in (sender, callee):
            self.status(f"{side.subscriber} leaves", side.register(expires=0), 200)
        self.everything_is_gone("of all those keys")
        sender.close()
        callee.close()

    def rekeys_under_load(self):
        self.loaded(REKEYS)

    def back_again(self):
        self.gateway.start_controlplane()
        wait_until(lambda: len(self.gateway.show("registrations")) == 2, ENDS_S,
                   "the control plane knows both terminals again")

    def restart_under_load(self):
        """The control plane is killed, and started again; then both exchange keys with it."""
        self.loaded(1, [(MESSAGES // 5, self.gateway.kill_controlplane),
                        (MESSAGES * 2 // 5, self.back_again)])

    def talk(self, terminal, sender, count, body):
        """So many messages to a terminal of ours, one after the other."""
        answers = [sender.ask(sender.request(
            "MESSAGE", f"sip:{USER_B}", cseq=1, call_id=f"ours-{len(body)}-{sent}", body=body,
            lines=["Content-Type: text/plain"])) for sent in range(count)]
        bad = [answer.first if answer else "none" for answer in answers
               if answer is None or answer.status != 200]
        self.run.equal("each of its messages is answered with 200", bad[:10], [])
        self.run.check("meanwhile the terminal has exchanged keys anew",
                       terminal.wait_for("rekeyed"))

    def ours_renews_its_keys(self):
        """A terminal of ours does so by packets, and by bytes that it only hears."""
        terminal = self.run.terminal("t3", self.gateway, USER_B, PASSWORD)
        terminal.start()
        self.run.check("a terminal of ours registers", terminal.wait_for("registered"))
        for count, body in ((SOFT_PACKETS + WINDOW, b"hello"),
                            (SOFT_BYTES // HEARD_BYTES, b"x" * HEARD_BYTES)):
            sender = self.stranger("t1", USER_A, Hasty)
            self.status("a stranger registers", sender.register(), 200)
            self.talk(terminal, sender, count, body)
            self.status("the stranger leaves", sender.register(expires=0), 200)
            sender.close()
        terminal.stop()
        self.everything_is_gone("of theirs")


def main():
    run = Scenario(SINGLE_GATEWAY, families=(6,))
    with run:
        lives = Lives(run)
        lives.primary_stays()
        lives.comes_back_elsewhere()
        lives.registration_expires()
        lives.rekeys_under_load()
        lives.restart_under_load()
        lives.hard_packets()
        lives.hard_bytes()
        lives.ours_renews_its_keys()
        lives.hard_time()
    return run.status


if __name__ == "__main__":
    sys.exit(main())
