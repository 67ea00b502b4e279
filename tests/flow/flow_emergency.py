#!/usr/bin/python3
r"""Emergency calls reach who answers them, whatever policy, rates and insecure-access say.

         t1 ------- to-t1 +--------+ to-gwa ------- gwa  abc.com, which allows nobody anything
     user-a@abc.com       |        |
         t3 ------- to-t3 | router | to-gwb ------- gwb  xyz.com, who answers emergency calls
       nobody, clear      |        |
         t2 ------- to-t2 +--------+
      psap@xyz.com, tel:112

The three are tests/flow/stranger.py, which say and compare single messages.
"""

import json
import pathlib
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
from sekisho_flow import Scenario
from stranger import Stranger
from topology import GWA, GWB, PATENT, T1, T2, T3, comes_true, wait_until

USER_A, PSAP, NUMBER, CALLEE = "user-a@abc.com", "psap@xyz.com", "tel:112", "sip:psap@xyz.com"
ANONYMOUS = "sip:anonymous@anonymous.invalid"
PEERS_S, WRITTEN_S = 30.0, 20.0
RATE = 3   # requests a second of one SA
REST_S = 1.2  # after which the rate is whole again
DSCP = 46


class Emergency:
    def __init__(self, run):
        self.run = run
        self.a = run.gateway("gwa", "abc.com", cdr="cdr", dscp=DSCP, **{
            "emergency": {"peer": "xyz.com", "numbers": ["112"]}, "requests-per-second": RATE})
        self.b = run.gateway("gwb", "xyz.com", gateway_id=2, peers=[self.a],
                             emergency={"numbers": ["112"]})
        for gateway in (self.a, self.b):
            gateway.start()
        wait_until(lambda: all(peer["state"] == "up" and peer["sas_out"] for gateway in
                               (self.a, self.b) for peer in gateway.show("peers")),
                   PEERS_S, "the gateways have keyed each other")
        self.a.add_subscriber(USER_A, "correct horse a")
        self.b.ctl("subscriber", "add", PSAP, "--identity", PSAP, "--identity", NUMBER,
                   "--password-stdin", secret="correct horse p")
        self.b.ctl("policy", "add", 10, "allow", "any", NUMBER, "any")
        self.caller = self.stranger("t1", T1, GWA, "abc.com", USER_A, "correct horse a")
        self.psap = self.stranger("t2", T2, GWB, "xyz.com", PSAP, "correct horse p")
        self.nobody = self.stranger("t3", T3, GWA, "abc.com", "nobody@abc.com", "")
        self.caller.attach()
        run.equal("the caller registers", self.caller.register().status, 200)
        self.psap.attach()
        answer = self.psap.ask(self.psap.request(
            "REGISTER", "sip:xyz.com", to=NUMBER, sender=NUMBER,
            lines=[f"Contact: <sip:psap@{self.psap.inner}>", "Expires: 300"]))
        run.equal("who answers emergency calls registers under their number",
                  answer and answer.status, 200)

    def stranger(self, name, node, gateway, domain, user, password):
        return Stranger(self.run.topology.netns(name), node, gateway, domain, user, password)

    def records(self):
        path = self.a.directory / "cdr"
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []

    def rate_is_real(self):
        """Ten at once: as many as the rate allows are judged, and refused by policy; the rest 503."""
        time.sleep(REST_S)  # what it has asked before is forgotten
        for i in range(10):
            self.caller.send(self.caller.request("MESSAGE", CALLEE, call_id=f"burst-{i}"))
        statuses = []
        while len(statuses) < 10 and (answer := self.caller.receive()) is not None:
            statuses.append(answer.status)
        self.run.check(f"beyond {RATE} a second requests get 503 ({statuses})",
                       RATE <= statuses.count(404) <= RATE + 2
                       and statuses.count(503) == 10 - statuses.count(404))

    @staticmethod
    def urgent(gateway):
        return sum(row["value"] for row in gateway.show("counters") if row["name"] == "frames_urgent")

    def nothing_is_urgent_yet(self):
        self.run.equal("what the caller has sent so far went before nobody",
                       [self.urgent(gateway) for gateway in (self.a, self.b)], [0, 0])

    def is_urgent(self):
        """INVITE, 200 and BYE at the first gateway; at who answers' own INVITE and 200, for what names the
        call may stand in anybody's To there."""
        def is_so():
            return self.urgent(self.a) >= 3 and self.urgent(self.b) >= 2
        self.run.check("both gateways sent the call's frames before others",
                       comes_true(is_so, WRITTEN_S),
                       [self.urgent(gateway) for gateway in (self.a, self.b)])

    def rate_is_used_up(self):
        for i in range(RATE + 3):
            self.caller.send(self.caller.request("MESSAGE", CALLEE, call_id=f"more-{i}"))
        statuses = []
        while len(statuses) < RATE + 3 and (answer := self.caller.receive()) is not None:
            statuses.append(answer.status)
        self.run.check("the caller has used up his rate", 503 in statuses, [statuses])

    def call_passes(self, uri):
        """By a terminal to which nothing is allowed, and that has no request left."""
        self.rate_is_used_up()
        call = f"emergency-{uri}"
        self.caller.send(self.caller.request("INVITE", uri, call_id=call, cseq=1,
                                             lines=[f"Contact: <sip:user-a@{self.caller.inner}>"]))
        heard = self.psap.receive()
        self.run.check(f"a call to {uri} is heard", heard and heard.first.startswith("INVITE "))
        self.psap.send(self.psap.answer(heard, 200))
        answer = self.caller.receive()
        self.run.equal("its answer comes back", answer and answer.status, 200)
        routes = [f"Route: {route}" for route in reversed(answer.all("Record-Route"))]
        bye = self.caller.request("BYE", f"sip:psap@{self.psap.inner}", call_id=call, cseq=2,
                                  to=uri, lines=routes)
        bye = bye.replace(f"To: <{uri}>".encode(), f"To: {answer.one('To')}".encode())
        time.sleep(REST_S)  # what is in a dialog has the rate of its SA
        self.caller.send(bye)
        heard = self.psap.receive()
        self.run.check("and it is ended", heard is not None and heard.first.startswith("BYE "))
        self.is_recorded(call)

    def is_recorded(self, call):
        def events():
            return [(record["event"], record["goes_to" if record["event"] == "end" else "came_by"]["name"])
                    for record in self.records() if record["call_id"] == call][:2]
        self.run.becomes("start and end are on record, with who answered", events,
                         [("start", "xyz.com"), ("end", "xyz.com")], WRITTEN_S)

    def others_are_still_refused(self):
        wait = self.caller.receive(1.5)
        self.run.check("nothing else comes", wait is None)
        answer = self.caller.ask(self.caller.request("INVITE", CALLEE, call_id="ordinary"))
        self.run.equal("the same callee under an ordinary name is denied",
                       answer and answer.status, 404)

    def unauthenticated(self):
        """In the clear, though insecure-access is off."""
        data = self.nobody.request("INVITE", NUMBER, sender=ANONYMOUS, call_id="clear",
                                   route_security=False,
                                   lines=[f"Contact: <sip:nobody@{self.nobody.inner}>"])
        self.nobody.send_clear(data)
        heard = self.psap.receive()
        self.run.check("somebody who cannot be known is heard",
                       heard is not None and heard.first.startswith("INVITE "))
        own, gateway_a = self.nobody.address, GWA.address()
        series = heard.all("Route-Security")
        self.run.check("and that nobody knows him is seen", len(series) == 3
                       and series[1].startswith(f"[{gateway_a}];level=3") and series[2] == f"[{own}]",
                       series)
        self.psap.send(self.psap.answer(heard, 200))
        answer = self.nobody.receive_clear()
        self.run.equal("he gets the answer", answer and answer.status, 200)
        for sentence, uri, sender in (
                ("an ordinary call in the clear is refused", CALLEE, ANONYMOUS),
                ("an emergency call under the name of who has a secure channel, too", NUMBER,
                 f"sip:{USER_A}")):
            answer = self.nobody.ask_clear(self.nobody.request(
                "INVITE", uri, sender=sender, call_id=sentence.replace(" ", "-"),
                route_security=False))
            self.run.equal(sentence, answer and answer.status, 403)

    def dscp_is_real(self, capture):
        capture.stop()
        def seen(filter_):
            done = subprocess.run(
                ["tshark", "-n", "-r", str(capture.path), "-Y", filter_, "-T", "fields", "-e",
                 "ipv6.tclass.dscp"], capture_output=True, text=True, check=True)
            return set(done.stdout.split())
        self.run.equal(f"SIP leaves with DSCP {DSCP}, outer header included",
                       seen(f"esp and ipv6.src == {GWA.address()}"), {str(DSCP)})


def main():
    run = Scenario((*PATENT, T3), families=(6,))
    with run:
        capture = run.topology.capture("gwa")["gwa"]
        emergency = Emergency(run)
        emergency.rate_is_real()
        emergency.nothing_is_urgent_yet()
        emergency.call_passes(NUMBER)
        emergency.is_urgent()
        emergency.others_are_still_refused()
        emergency.unauthenticated()
        emergency.dscp_is_real(capture)
        for stranger in (emergency.caller, emergency.psap, emergency.nobody):
            stranger.close()
    return run.status


if __name__ == "__main__":
    sys.exit(main())
