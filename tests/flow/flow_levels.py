#!/usr/bin/python3
"""Levels as a receiver sees them and policy counts them; previous hops demanded or annotated.

         t1 ---- to-t1 +--------+ to-gwa ---- gwa  abc.com
  guest@elsewhere.example |     |
         t2 ---- to-t2 | router |
     user-a@abc.com    |        |
         t3 ---- to-t3 +--------+
     user-c@abc.com

The guest has no channel and no password; both users are attached. All three are
tests/flow/stranger.py, so that what the receiver sees is what stands on the wire.
"""

import json
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
import configs
from sekisho_flow import Scenario
from stranger import Stranger
from topology import GWA, T1, T2, T3

USER_A, USER_C, GUEST = "user-a@abc.com", "user-c@abc.com", "guest@elsewhere.example"
PASSWORD = {USER_A: "correct horse a", USER_C: "correct horse c"}
TO = f"sip:{USER_C}"
SILENT_S = 0.5


class Levels:
    def __init__(self, run, gateway):
        self.run, self.gateway = run, gateway
        self.guest, self.sender, self.receiver = (
            Stranger(run.topology.netns(node.name), node, GWA, "abc.com", user,
                     PASSWORD.get(user, ""))
            for node, user in ((T1, GUEST), (T2, USER_A), (T3, USER_C)))

    def close(self):
        for stranger in (self.guest, self.sender, self.receiver):
            stranger.close()

    def entry(self, stranger, level=None):
        """A Route-Security entry of this stranger's, or (None) of the gateway's at level 3."""
        if stranger is None:
            return f"{self.receiver.bracketed(self.receiver.gateway)};level=3"
        return stranger.bracketed(stranger.address) + (
            f";level={level}" if level is not None else "")

    def message(self, stranger, level):
        """A MESSAGE of this stranger's, with an entry of that level, or with none."""
        lines = ["Content-Type: text/plain"]
        if level is not None:
            lines.append(f"Route-Security: {self.entry(stranger, level)}")
        return stranger.request("MESSAGE", TO, body=b"hello", lines=lines, route_security=False)

    def passes(self, sentence, stranger, level, entries):
        """What is sent so arrives with these entries, topmost first, and its answer comes back."""
        data = self.message(stranger, level)
        is_clear = stranger is self.guest
        (stranger.send_clear if is_clear else stranger.send)(data)
        heard = self.receiver.receive()
        if not self.run.check(sentence, heard and heard.first.startswith("MESSAGE "),
                              heard.first if heard else "nothing came"):
            return
        self.run.equal("    with the path as it was", heard.all("Route-Security"), entries)
        self.receiver.send(self.receiver.answer(heard, 200))
        answer = stranger.answer_to(data, stranger.receive_clear if is_clear else stranger.receive,
                                    10.0)
        self.run.equal("    and is answered", answer and answer.status, 200)

    def guests_status(self):
        answer = self.guest.ask_clear(self.message(self.guest, 0))
        return answer and answer.status

    def is_refused(self, sentence, stranger, level, status):
        data = self.message(stranger, level)
        answer = (stranger.ask_clear(data) if stranger is self.guest else stranger.ask(data))
        self.run.equal(sentence, answer and answer.status, status)

    def reconfigured(self, **settings):
        self.gateway.settings.update(settings)
        configs.write(self.gateway.directory / "controlplane.yaml",
                      configs.controlplane(self.gateway))
        self.gateway.ctl("configure", "commit")
        self.gateway.settle()


def nobody_without_a_channel(levels):
    levels.guest.send_clear(levels.message(levels.guest, 0))
    levels.run.check("off: a sender without a channel is not answered",
                     levels.guest.receive_clear(SILENT_S) is None)
    levels.run.check("and not heard", levels.receiver.receive(SILENT_S) is None)
    levels.passes("one with a channel is not", levels.sender, 3,
                  [levels.entry(None), levels.entry(levels.sender, 3)])


def anybody_at_level_0(levels):
    levels.reconfigured(**{"insecure-access": "any"})
    levels.passes("any: a guest's message passes", levels.guest, 0,
                  [levels.entry(None), levels.entry(levels.guest, 0)])
    levels.is_refused("a guest who says that his link is better is refused", levels.guest, 3, 403)
    levels.passes("one who knows of no entries has none, and that is shown", levels.guest, None,
                  [levels.entry(None), levels.entry(levels.guest)])
    levels.guest.subscriber = USER_A
    levels.is_refused("and one under the name of who has a channel", levels.guest, 0, 403)
    levels.guest.subscriber = GUEST


def rules_count_levels(levels):
    for sentence, who in (("callee", USER_C), ("domain", "@abc.com")):
        rule = levels.gateway.ctl("--json", "policy", "add", 20, "deny", "any", who, "any",
                                  "--minimum-level", 3).stdout
        levels.run.becomes(f"a rule's minimum for a {sentence} keeps the guest out",
                           levels.guests_status, 404)
        levels.passes("and nobody else", levels.sender, 3,
                      [levels.entry(None), levels.entry(levels.sender, 3)])
        levels.gateway.ctl("policy", "delete", json.loads(rule)["id"])


def previous_hops(levels):
    levels.is_refused("require: without an entry of the previous hop's: 403", levels.sender, None,
                      403)
    levels.is_refused("with one of another level: 403", levels.sender, 2, 403)
    levels.reconfigured(**{"route-security": "annotate"})
    levels.passes("annotate: without an entry it passes, and the gap is shown", levels.sender, None,
                  [levels.entry(None), levels.entry(levels.sender)])
    levels.passes("as does a guest's", levels.guest, None,
                  [levels.entry(None), levels.entry(levels.guest)])
    levels.reconfigured(**{"route-security": "require"})
    levels.is_refused("required again: 403", levels.sender, None, 403)


def main():
    run = Scenario((T1, T2, T3, GWA), families=(6,))
    with run:
        gateway = run.gateway("gwa", "abc.com")
        gateway.start()
        for subscriber, password in PASSWORD.items():
            gateway.add_subscriber(subscriber, password)
        gateway.ctl("policy", "add", 10, "allow", "any", "@abc.com", "any")
        levels = Levels(run, gateway)
        for stranger in (levels.sender, levels.receiver):
            stranger.attach()
            run.equal(f"{stranger.subscriber} registers", stranger.register().status, 200)
        nobody_without_a_channel(levels)
        anybody_at_level_0(levels)
        rules_count_levels(levels)
        previous_hops(levels)
        levels.close()
    return run.status


if __name__ == "__main__":
    sys.exit(main())
