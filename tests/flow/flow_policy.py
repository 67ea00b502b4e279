#!/usr/bin/python3
"""Policy by patterns, limits and hours on real processes; swapped under traffic; killed planes.

         t1 ---- to-t1 +--------+ to-gwa ---- gwa  abc.com
     user-a@abc.com    | router |
                       +--------+

The terminal is tests/flow/stranger.py. Nobody else is registered: who may be reached is answered
480, who may not 404.
"""

import json
import pathlib
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
from sekisho_flow import Scenario
from stranger import Stranger
from topology import GWA, T1, wait_until

USER, PASSWORD = "user-a@abc.com", "correct horse a"
CALLEES = ("user-b@abc.com", "user-c@abc.com")
EARLY, LATE = "early@abc.com", "late@abc.com"  # may be called after, and before, a minute's end
PATTERNS = 40  # more than are built at once: these go to the thread
SWAPS = 12
POLICY_S = 40.0


class Policy:
    def __init__(self, run, gateway, stranger):
        self.run, self.gateway, self.stranger = run, gateway, stranger

    def status(self):
        return json.loads(self.gateway.ctl("--json", "policy", "status").stdout)

    def in_force(self):
        wait_until(lambda: not self.status()["compiling"], POLICY_S, "the policy is in force")

    def add(self, *words):
        added = json.loads(self.gateway.ctl("--json", "policy", "add", *words).stdout)
        return added["id"]

    def delete(self, rule):
        self.gateway.ctl("policy", "delete", rule)

    def asked(self, callee, method="MESSAGE"):
        answer = self.stranger.ask(self.stranger.request(method, f"sip:{callee}"))
        return answer.status if answer else None

    def expect(self, sentence, callee, status, method="MESSAGE"):
        self.in_force()
        self.run.becomes(sentence, lambda: self.asked(callee, method), status, POLICY_S)

    def patterns_decide(self):
        rule = self.add(10, "allow", "~user-[a-z]@abc\\.com", "~user-[b-c]@abc\\.com")
        self.expect("a pattern lets in", CALLEES[0], 480)
        self.expect("an unknown callee is 404", "user-x@abc.com", 404)
        deny = self.add(20, "deny", "any", "~user-c@.*")
        self.expect("a pattern of higher priority keeps out", CALLEES[1], 404)
        tested = json.loads(self.gateway.ctl("--json", "policy", "test", USER, CALLEES[1],
                                             "MESSAGE").stdout)
        self.run.equal("policy test names the rule", tested["rule"]["id"], deny)
        told = self.gateway.ctl("policy", "test", USER, CALLEES[1], "MESSAGE").stdout
        self.run.check("and tells a person which decides, and what the caller gets",
                       f"rule {deny} (priority 20: deny any to ~user-c@.*, methods any) decides"
                       in told and "the caller gets 404" in told, told)
        self.delete(deny)
        self.expect("and without it the first one decides again", CALLEES[1], 480)
        return rule

    def bad_patterns_are_refused(self):
        before = self.status()["in_force"]
        for pattern, sentence in (("~user-(", "character 6"), ("~a{1,1000}", "64"),
                                  ("~(?=x)y", "character 1")):
            told = self.gateway.ctl("policy", "add", 1, "allow", pattern, "any", check=False)
            self.run.check(f"{pattern} is refused with its place",
                           told.returncode != 0 and sentence in told.stderr, [told.stderr])
        self.run.equal("and changes nothing", self.status()["in_force"], before)

    def hours_and_limits_hold(self):
        today = time.strftime("%a", time.gmtime()).lower()
        deny = self.add(30, "deny", "any", "any", "--hours", today)
        self.expect("a rule holds on its day", CALLEES[0], 404)
        self.delete(deny)
        limit = self.add(40, "limit", "~user-.*", "any", "INFO", "--rate", "2/h")
        self.expect("other methods are not counted", CALLEES[0], 480)
        found = [self.asked(callee, "INFO") for callee in (*CALLEES, CALLEES[0], "user-x@abc.com")]
        self.run.equal("the third and fourth are refused, whomever they are for", found,
                       [480, 480, 503, 503])
        self.delete(limit)

    def hours_begin(self):
        """Two rules that change over when a minute begins that is not quite near; returns when."""
        edge = (int(time.time()) + 15) // 60 * 60 + 60
        clock = [time.strftime("%H:%M", time.gmtime(edge + minutes * 60)) for minutes in (-5, 0, 5)]
        self.add(70, "allow", "any", EARLY)
        self.add(70, "allow", "any", LATE)
        self.add(71, "deny", "any", EARLY, "--hours", f"{clock[0]}-{clock[1]}")
        self.add(71, "deny", "any", LATE, "--hours", f"{clock[1]}-{clock[2]}")
        self.expect("within a rule's hours it holds", EARLY, 404)
        self.expect("before them it does not", LATE, 480)
        self.run.check("both was seen before the minute began", time.time() < edge)
        return edge

    def hours_end(self, edge):
        """Nobody tells the data plane: its clock does."""
        time.sleep(max(0, edge - time.time()))
        self.run.becomes("after its hours a rule does not hold", lambda: self.asked(EARLY), 480)
        self.run.becomes("as they begin it does", lambda: self.asked(LATE), 404)

    def swaps_lose_nothing(self):
        """Every message of many is answered 480 while policies come and go that all allow it."""
        asked = answered = 0
        rules = []
        for swap in range(SWAPS):
            rules.append(self.add(50 + swap, "deny", f"~nobody-{swap}-[0-9]+@.*", "any"))
            until, least = time.monotonic() + 0.3, asked + 10
            while time.monotonic() < until or asked < least:
                asked += 1
                answered += self.asked(CALLEES[asked % 2]) == 480
        for rule in rules:
            self.delete(rule)
            asked += 1
            answered += self.asked(CALLEES[asked % 2]) == 480
        self.in_force()
        self.run.check(f"{asked} messages were asked while {2 * SWAPS} policies came", asked > 100)
        self.run.equal("and all of them answered as ever", answered, asked)

    def policy_outlives_its_planes(self):
        deny = self.add(60, "deny", "any", "~user-c@abc\\.com")
        self.expect("a pattern keeps out", CALLEES[1], 404)
        self.gateway.kill_controlplane()
        self.run.equal("it does while the control plane is dead", self.asked(CALLEES[1]), 404)
        self.run.equal("and lets in whom it let in", self.asked(CALLEES[0]), 480)
        self.gateway.start_controlplane()
        self.expect("and when it is back", CALLEES[1], 404)
        self.gateway.kill_dataplane()
        self.gateway.start_dataplane()
        self.expect("a data plane started anew is told the policy", CALLEES[0], 480)
        self.expect("all of it", CALLEES[1], 404)
        self.delete(deny)

    def scanners_are_screened(self):
        before = self.gateway.drops().get("clear_screened", 0)
        for agent in ("friendly-scanner", "SIPVicious"):
            register = self.stranger.request("REGISTER", "sip:abc.com",
                                             lines=[f"User-Agent: {agent}"])
            self.stranger.send_clear(register)
        self.run.check("a scanner gets no answer", self.stranger.receive_clear(0.5) is None)
        self.run.becomes("and is counted",
                         lambda: self.gateway.drops().get("clear_screened", 0) - before, 2)


def main():
    run = Scenario((T1, GWA), families=(6,))
    with run:
        gateway = run.gateway("gwa", "abc.com",
                              screen={"patterns": ["friendly-scanner", "sip(?:vicious|cli)"]})
        gateway.start()
        gateway.add_subscriber(USER, PASSWORD)
        for callee in (*CALLEES, EARLY, LATE):
            gateway.add_subscriber(callee, "correct horse b")
        stranger = Stranger(run.topology.netns("t1"), T1, GWA, "abc.com", USER, PASSWORD)
        stranger.attach()
        run.equal("the terminal registers", stranger.register().status, 200)
        policy = Policy(run, gateway, stranger)
        edge = policy.hours_begin()
        policy.scanners_are_screened()
        policy.patterns_decide()
        policy.bad_patterns_are_refused()
        policy.hours_and_limits_hold()
        for number in range(PATTERNS):
            policy.add(5, "deny", f"~customer-{number}-[a-z]+@abc\\.com", "any")
        policy.in_force()
        run.equal("all patterns are in force", policy.status()["with_patterns"], PATTERNS + 1)
        policy.swaps_lose_nothing()
        policy.policy_outlives_its_planes()
        policy.hours_end(edge)
        stranger.close()
    return run.status


if __name__ == "__main__":
    sys.exit(main())
