#!/usr/bin/python3
"""A terminal that is not ours against a running gateway: what it may, and all it may not.

         t1 ---- to-t1 +--------+ to-gwa ---- gwa  abc.com
     user-a@abc.com    | router |
         t3 ---- to-t3 +--------+
     user-c@abc.com

Both terminals are tests/flow/stranger.py, written from docs/protocol.md: its ESP is scapy's, its
cryptography pyca's. Every refusal is followed by a good message, which must pass.
"""

import pathlib
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
from sekisho_flow import Scenario
from stranger import FIRST_BYTES, Stranger
from topology import SINGLE_GATEWAY

USER_A, USER_C, NOBODY = "user-a@abc.com", "user-c@abc.com", "nobody@abc.com"
PASSWORD = {USER_A: "correct horse a", USER_C: "correct horse c", NOBODY: "never told"}


RATE = 200  # requests a second of one terminal
SILENT_S = 0.5  # in which what must not come would have come


class Play:
    def __init__(self, run, family):
        self.run, self.family = run, family
        self.gateway = run.gateways["gwa"]

    def stranger(self, name, subscriber, password=None):
        net = self.run.topology
        return Stranger(net.netns(name), net.nodes[name], net.nodes["gwa"], "abc.com", subscriber,
                        password or PASSWORD[subscriber], self.family)

    def status(self, sentence, answer, expected):
        found = answer.status if answer else None
        return self.run.check(f"{sentence} ({expected})", found == expected,
                              answer.bytes.decode(errors="replace") if answer else "no answer")

    def still_serves(self, stranger):
        answer = stranger.ask(stranger.request("OPTIONS", "sip:abc.com"))
        self.status("and the next good request passes", answer, 200)

    # Key exchange

    def exchange_refusals(self):
        run = self.run
        wrong = self.stranger("t3", USER_C, "wrong")
        nobody_answers = {}
        for name, stranger in (("wrong password", wrong), ("unknown", None)):
            stranger = stranger or self.stranger("t3", NOBODY)
            second = stranger.ask_clear(stranger.first())
            self.status(f"{name}: message 1 is answered", second, 401)
            refusal = stranger.ask_clear(stranger.third(second))
            self.status(f"{name}: message 3 is refused", refusal, 403)
            nobody_answers[name] = (self.shape(second), self.shape(refusal))
            stranger.close()
        run.equal("a wrong password and an unknown subscriber are answered alike",
                  nobody_answers["wrong password"], nobody_answers["unknown"])

    @staticmethod
    def shape(message):
        """What is left when opaque values and the echoed name are made alike."""
        lines = [message.first]
        for name, value in message.headers:
            if name in ("Via", "From", "To", "Call-ID", "CSeq"):
                value = "echo"
            if name in ("Security-Server", "WWW-Authenticate", "Security-Cookie"):
                value = len(value.replace(USER_C, "").replace(NOBODY, ""))
            lines.append((name, value))
        return lines

    def short_first(self):
        stranger = self.stranger("t3", USER_C)
        first = stranger.first(pad=False)
        self.run.check("a first message below 1,200 bytes is dropped",
                       len(first) < FIRST_BYTES and
                       stranger.ask_clear(first, seconds=SILENT_S, tries=1) is None)
        stranger.close()

    def share_refused(self, share, what):
        stranger = self.stranger("t3", USER_C)
        second = stranger.ask_clear(stranger.first(share=share), tries=1)
        made = False
        if second and second.status == 401 and second.one("Security-Server"):
            third = stranger.ask_clear(stranger.third(second), tries=1)
            made = third is not None and third.status == 200
        self.run.check(f"{what} makes no SA", not made)
        stranger.close()

    def third_repeated(self):
        run = self.run
        stranger = self.stranger("t3", USER_C)
        before = len(self.gateway.show("sas"))
        second = stranger.ask_clear(stranger.first())
        third = stranger.third(second)
        answers = [stranger.ask_clear(third), stranger.ask_clear(third)]
        run.equal("message 3 sent twice gets identical bytes", answers[0].bytes, answers[1].bytes)
        run.equal("and makes one SA", len(self.gateway.show("sas")) - before, 1)
        another = stranger.third(second)
        refused = stranger.ask_clear(another)
        run.check("another message 3 on a used cookie is refused",
                  refused is not None and refused.status in (401, 403) and
                  len(self.gateway.show("sas")) - before == 1)
        stranger.close()

    def cookie_from_elsewhere(self):
        one, two = self.stranger("t1", USER_A), self.stranger("t3", USER_A)
        second = one.ask_clear(one.first())
        third = one.third(second)
        answer = two.ask_clear(third, tries=1)
        self.run.check("a cookie does not work from another address",
                       answer is None or answer.status in (401, 403))
        one.close()
        two.close()

    # Through the SA

    def attached(self, name, subscriber):
        stranger = self.stranger(name, subscriber)
        fields = stranger.attach()
        self.run.equal(f"{subscriber} attaches, level", fields["level"], "3")
        return stranger

    def before_register(self, stranger):
        answer = stranger.ask(stranger.request("OPTIONS", "sip:abc.com"), seconds=SILENT_S)
        self.run.check("before its REGISTER the SA admits nothing else",
                       answer is None or answer.status >= 400,
                       answer.bytes.decode() if answer else "")
        self.status("REGISTER with To other than From",
                    stranger.register(to=f"sip:{USER_C}"), 403)
        self.status("REGISTER with a Contact that is elsewhere",
                    stranger.register(contact="sip:user-a@[2001:db8::1]:5060"), 403)
        answer = stranger.register()
        self.status("the ordinary REGISTER", answer, 200)
        self.run.check("its answer names the Contact", answer and answer.one("Contact"))

    def refusals(self, stranger, callee):
        uri = f"sip:{callee}"
        entry = f"Route-Security: {stranger.bracketed(stranger.address)};level=3"

        def ask(sentence, status, method="MESSAGE", **options):
            self.status(sentence, stranger.ask(stranger.request(method, uri, **options)), status)

        ask("From of another", 403, sender=f"sip:{USER_C}")
        ask("From of nobody we know", 403, sender="sip:ghost@nowhere.example")
        ask("no Route-Security", 403, route_security=False)
        ask("two Route-Security entries", 403, lines=[entry])
        ask("Route-Security of another address", 403, route_security=False,
            lines=["Route-Security: [2001:db8::66];level=3"])
        ask("Route-Security of another level", 403, route_security=False,
            lines=[entry.replace("level=3", "level=2")])
        ask("Route-Security of odd grammar", 403, route_security=False,
            lines=[entry + ";colour=red"])
        ask("To other than Request-URI", 400, to=f"sip:{USER_A}")
        ask("two Call-IDs", 400, lines=["Call-ID: another"])
        ask("two From lines in disguise", 400, lines=[f"f : <sip:{USER_C}>;tag=x"])
        ask("Max-Forwards twice", 400, lines=["Max-Forwards: 3"])
        ask("Proxy-Require", 420, lines=["Proxy-Require: gruu"])
        ask("a Route that is not ours", 403, lines=["Route: <sip:[2001:db8::5]:5060;lr>"])
        ask("a header line without colon", 400, lines=["this is no header"])

        def bend(sentence, status, old, new):
            data = stranger.request("MESSAGE", uri)
            assert old in data
            self.status(sentence, stranger.ask(data.replace(old, new)), status)

        bend("Max-Forwards 0", 483, b"Max-Forwards: 70", b"Max-Forwards: 0")
        bend("Max-Forwards 256", 400, b"Max-Forwards: 70", b"Max-Forwards: 256")
        bend("SIP/3.0", 505, b" SIP/2.0\r\nVia", b" SIP/3.0\r\nVia")
        bend("another scheme", 416, b"MESSAGE sip:", b"MESSAGE http:")
        bend("Content-Length beyond the datagram", 400, b"Content-Length: 0",
             b"Content-Length: 70000")
        bend("Content-Length that wraps at 2^32", 400, b"Content-Length: 0",
             b"Content-Length: 4294967296")
        bend("a bare LF", 400, b"Max-Forwards: 70\r\n", b"Max-Forwards: 70\n")
        bend("CSeq of another method", 400, b" MESSAGE\r\nRoute", b" INVITE\r\nRoute")
        self.still_serves(stranger)

    def dropped(self, stranger):
        run = self.run
        good = stranger.request("OPTIONS", "sip:abc.com")

        def silent(sentence, send):
            send()
            answer = stranger.receive(SILENT_S)
            run.check(f"{sentence} is dropped", answer is None,
                      answer.bytes.decode(errors="replace") if answer else "")

        sealed = stranger.sealed(good)
        stranger.send_esp(sealed)
        self.status("a packet", stranger.receive(), 200)
        silent("the same packet again", lambda: stranger.send_esp(sealed))
        broken = bytearray(stranger.sealed(good))
        broken[-1] ^= 1
        silent("a packet with a wrong ICV", lambda: stranger.send_esp(bytes(broken)))
        silent("a packet cut short", lambda: stranger.send_esp(sealed[:20]))
        silent("a packet for an SPI nobody has",
               lambda: stranger.send_esp(b"\x7f\x12\x34\x56" + sealed[4:]))
        silent("a packet from another inner port",
               lambda: stranger.send(good, source_port=5070))
        silent("a packet to another inner port",
               lambda: stranger.send(good, destination_port=22))
        silent("SIP in clear that is no REGISTER", lambda: stranger.send_clear(good))
        silent("bytes that are no SIP", lambda: stranger.send(b"\0" * 200))
        answers = sum(stranger.ask(stranger.request("OPTIONS", "sip:abc.com")) is not None
                      for _ in range(20))
        run.equal("20 good requests after it are all answered", answers, 20)
        reasons = self.gateway.drops()
        print(f"        drops by reason: {reasons}")
        run.check("every drop has its reason", len(reasons) >= 6, [reasons])

    def callee_hidden(self, stranger):
        shapes = {}
        for callee in (USER_C, NOBODY):
            answer = stranger.ask(stranger.request("INVITE", f"sip:{callee}"))
            self.status(f"INVITE to {callee}, denied or unknown,", answer, 404)
            shapes[callee] = answer and answer.first + repr(
                [(name,
                  value.replace(callee, "CALLEE") if name != "To" else len(value) - len(callee))
                 for name, value in answer.headers if name not in ("Via", "CSeq")])
        self.run.equal("the two answers are alike", shapes[USER_C], shapes[NOBODY])

    def too_many(self, stranger):
        """RATE requests pass at once; what is beyond is told so, and nobody else suffers."""
        time.sleep(1.0)
        packets = [stranger.sealed(stranger.request("OPTIONS", "sip:abc.com"))
                   for _ in range(2 * RATE)]
        begun = time.monotonic()
        for packet in packets:
            stranger.send_esp(packet)
        seconds = time.monotonic() - begun  # what passes meanwhile is its due, too
        found = []
        while len(found) < 2 * RATE and (answer := stranger.receive()) is not None:
            found.append(answer.status)
        self.run.equal("every request beyond the rate is answered too", len(found), 2 * RATE)
        self.run.check(f"of {2 * RATE} requests at once about {RATE} pass",
                       RATE * 0.7 <= found.count(200) <= RATE * (1.5 + seconds),
                       (found.count(200), seconds))
        self.run.equal("the others get 503", found.count(503), 2 * RATE - found.count(200))
        time.sleep(1.0)
        self.still_serves(stranger)

    def message(self, one, two):
        one.send(one.request("MESSAGE", f"sip:{USER_C}", body=b"hello",
                             lines=["Content-Type: text/plain"]))
        request = two.receive()
        if not self.run.check("an allowed MESSAGE reaches the callee", request is not None):
            return
        self.run.equal("with the series of both hops", request.all("Route-Security"),
                       [f"{one.bracketed(one.gateway)};level=3",
                        f"{one.bracketed(one.address)};level=3"])
        self.run.equal("and its body", request.body, b"hello")
        two.send(two.answer(request, 200))
        answer = one.receive()
        self.status("its 200 comes back", answer, 200)
        if answer:
            self.run.equal("with the series as the callee got it",
                           answer.all("Route-Security"), request.all("Route-Security"))
            self.run.equal("and one Via", len(answer.all("Via")), 1)
        for sentence, bend in (
                ("another series", lambda data: data.replace(b"level=3", b"level=2", 1)),
                ("a series cut short", lambda data: data.replace(
                    data[data.index(b"Route-Security"):data.index(b"\r\n", data.index(
                        b"Route-Security")) + 2], b"", 1))):
            one.send(one.request("MESSAGE", f"sip:{USER_C}"))
            request = two.receive()
            two.send(bend(two.answer(request, 200)))
            self.status(f"a response with {sentence} becomes", one.receive(), 502)
        one.send(one.request("MESSAGE", f"sip:{USER_C}"))
        request = two.receive()
        forged = two.answer(request, 200).replace(b"sk=", b"sk=A")
        two.send(forged)
        self.run.check("a response with another sk= is dropped", one.receive(SILENT_S) is None)


def main():
    family = int(sys.argv[1]) if len(sys.argv) > 1 else 6
    run = Scenario(SINGLE_GATEWAY)
    with run:
        gateway = run.gateway("gwa", "abc.com", **{"requests-per-second": RATE})
        gateway.start()
        for subscriber in (USER_A, USER_C):
            gateway.add_subscriber(subscriber, PASSWORD[subscriber])
        play = Play(run, family)
        play.exchange_refusals()
        play.short_first()
        play.share_refused(bytes(32), "an all-zero share")
        play.share_refused(b"\x01" + bytes(31), "a share of low order")
        play.third_repeated()
        play.cookie_from_elsewhere()
        one = play.attached("t1", USER_A)
        play.before_register(one)
        play.still_serves(one)
        play.callee_hidden(one)
        gateway.ctl("policy", "add", 10, "allow", USER_A, USER_C, "any")

        def status_of_callee():
            answer = one.ask(one.request("INVITE", f"sip:{USER_C}"))
            return answer and answer.status
        run.becomes("an allowed callee that is not registered", status_of_callee, 480)
        play.refusals(one, USER_C)
        play.dropped(one)
        two = play.attached("t3", USER_C)
        play.status("the callee registers", two.register(), 200)
        play.message(one, two)
        play.too_many(one)
        one.close()
        two.close()
    return run.status


if __name__ == "__main__":
    sys.exit(main())
