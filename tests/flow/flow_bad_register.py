#!/usr/bin/python3
"""Messages that no good terminal sends: refused or met with silence, told to the operator, no more.

         t1 ------- to-t1 +--------+ to-gwa ------- gwa  abc.com
     user-a@abc.com       | router |
         t3 ------- to-t3 +--------+
     strangers who guess

Key exchanges and REGISTERs malformed in every way, in the clear and through an SA; messages out of order; early
200s, to the data plane and to the control plane. Of each: what it gets, alike for alike ones; that
`sekishoctl show refusals` counts it under its reason with who sent it, and that the log says so; at last that nothing is
left of them and that a good terminal attaches. The terminal is tests/flow/stranger.py.
"""

import pathlib
import re
import socket
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
from sekisho_flow import Scenario
from stranger import ANSWER_S, FIRST_BYTES, Message, Netns, Stranger
from topology import SINGLE_GATEWAY, comes_true

USER_A, USER_C = "user-a@abc.com", "user-c@abc.com"
NOBODY = "user-x@abc.com"
PASSWORD = "correct horse"
TOLD_S = 20.0    # in which the operator is told
SILENT_S = 0.25  # in which what must not come would have come
AGAIN = 2400     # bent messages once more, by which nothing may grow
LEAK_KB = 1024   # about half of what they would be, kept: 1.2 KB in the clear, 0.4 through the SA
# What an answer may have: what it echoes, and what each status asks for.
ECHOED = {"Via", "From", "To", "Call-ID", "CSeq", "Content-Length", "Route-Security"}
ASKED_FOR = {423: {"Min-Expires"}, 420: {"Unsupported"}, 503: {"Retry-After"}, 405: {"Allow"}}


# Every encoding of a point of order 1, 2, 4 or 8 of Curve25519 or its twist (RFC 7748 6.1), those
# beyond the prime among them: with each of them the secret is zero, whoever computes it.
FIELD = 2**255 - 19
ORDER_8 = (325606250916557431795983626356110631294008115727848805560023387167927233504,
           39382357235489614581723060781553021112529911719440698176882885853963445705823)
LOW_ORDER = [point.to_bytes(32, "little") for point in (
    0, 1, *ORDER_8, FIELD - 1, FIELD, FIELD + 1)]


class NoSecret:
    """In place of a private key: what comes of any of them and a share of low order."""

    @staticmethod
    def exchange(_share):
        return bytes(32)


def swap(old, new, count=1):
    """Returns what bends bytes so: the old text must be in them."""
    def bend(data):
        assert old in data, old
        return data.replace(old, new, count)
    return bend


def without(name):
    """Returns what takes a header line out."""
    return lambda data: Message(data).without(name)


def more(line):
    """Returns what adds a header line."""
    return lambda data: data.replace(b"Content-Length:", line + b"\r\nContent-Length:", 1)


def fitted(data):
    """A message 1 just so long again as it must be."""
    padding = re.search(rb"Security-Padding: (0*)", data)
    wanted = max(0, len(padding[1]) + FIRST_BYTES - len(data))
    return data[:padding.start(1)] + b"0" * wanted + data[padding.end(1):]


MANY = b"".join(b"a:\r\n" for _ in range(260))
UNTITLED = "From, To, Call-ID or CSeq missing"
TWICE = "a header twice that may stand once"
CLIENT = "Security-Client: "
NAMES = "From and To are not one name"
AUTHORIZATION = "message 1: Authorization is missing"

# What any SIP message may suffer: (sentence, how it is bent, status or None for silence, the reason).
ANY = (
    ("without Via", without("Via"), None, "no top Via that can be trusted"),
    ("a Via that is none", swap(b"Via: SIP/2.0/UDP", b"Via: SIP-2.0-UDP"), None,
     "no top Via that can be trusted"),
    ("without CSeq", without("CSeq"), 400, UNTITLED),
    ("without Call-ID", without("Call-ID"), 400, UNTITLED),
    ("without To", without("To"), 400, UNTITLED),
    ("without From", without("From"), 400, UNTITLED),
    ("two Call-IDs", more(b"Call-ID: another"), 400, TWICE),
    ("two Call-IDs, one by its short name", more(b"i: another"), 400, TWICE),
    ("two From", more(b"From: <sip:user-b@abc.com>;tag=1"), 400, TWICE),
    ("an empty Call-ID", lambda data: re.sub(rb"Call-ID: [^\r]*", b"Call-ID:", data), 400,
     "a Call-ID that is empty"),
    ("CSeq of another method", swap(b" REGISTER\r\n", b" INVITE\r\n"), 400,
     "a CSeq for another method"),
    ("CSeq beyond 2^31", swap(b"CSeq: ", b"CSeq: 9999999999"), 400, "a CSeq that does not parse"),
    ("CSeq that is no number", swap(b"CSeq: ", b"CSeq: x"), 400, "a CSeq that does not parse"),
    ("a NUL in a number", swap(b"Max-Forwards: 70", b"Max-Forwards: 7\x000"), 400,
     "a Max-Forwards that is no number"),
    ("Max-Forwards of 256", swap(b"Max-Forwards: 70", b"Max-Forwards: 256"), 400,
     "a Max-Forwards that is no number"),
    ("Max-Forwards of 2^64", swap(b"Max-Forwards: 70", b"Max-Forwards: 18446744073709551616"), 400,
     "a Max-Forwards that is no number"),
    ("Max-Forwards below nothing", swap(b"Max-Forwards: 70", b"Max-Forwards: -1"), 400,
     "a Max-Forwards that is no number"),
    ("a Content-Length that is no number", swap(b"Content-Length: 0", b"Content-Length: 0x0"), 400,
     "a Content-Length that is no number"),
    ("a Content-Length beyond the datagram", swap(b"Content-Length: 0", b"Content-Length: 7"), 400,
     "a Content-Length beyond the datagram"),
    ("a line end of one byte", swap(b"Max-Forwards: 70\r\n", b"Max-Forwards: 70\n"), 400,
     "a CR or LF on its own"),
    ("a line without colon", more(b"what is this"), 400, "a header line without colon"),
    ("no empty line", lambda data: data[:-2], 400, "no empty line after the headers"),
    ("another SIP", swap(b" SIP/2.0\r\n", b" SIP/3.0\r\n"), 505, "another SIP version"),
    ("two spaces before the URI", swap(b"REGISTER sip:", b"REGISTER  sip:"), 400,
     "a Request-URI that does not parse"),
    ("headers in its Request-URI", swap(b" SIP/2.0\r\n", b"?a=b SIP/2.0\r\n"), 400,
     "a Request-URI that does not parse"),
    ("a space in the name", swap(b"From: <sip:user", b"From: <sip:us er"), 400,
     "a From that does not parse"),
    ("a bad escape in the name", swap(b"To: <sip:user", b"To: <sip:us%zzer"), 400,
     "a To that does not parse"),
    ("a From that is not closed", swap(b">;tag=", b";tag="), 400, "a From that does not parse"),
)

# What message 1 may suffer beyond that.
FIRST = (
    ("no suite that anybody knows", swap(b"aes-128-gcm-16,aes-256-gcm-16", b"rot13,once-again"), 488,
     "none of the suites that it offers"),
    ("suites without quotes", swap(b'suites="aes-128-gcm-16,aes-256-gcm-16"', b"suites=aes-128-gcm-16"),
     400, CLIENT + "its suites"),
    ("a share that is no base64url", lambda data: re.sub(rb"share=.", b"share=!", data), 400,
     CLIENT + "its share"),
    ("a share of 31 bytes", lambda data: re.sub(rb"share=..", b"share=", data), 400,
     CLIENT + "its share"),
    ("a share of 33 bytes", swap(b"share=", b"share=A"), 400, CLIENT + "its share"),
    ("a share without value", lambda data: re.sub(rb"share=[^;]*", b"share", data), 400,
     CLIENT + "its share"),
    ("no share", lambda data: re.sub(rb";share=[^;]*", b"", data), 400, CLIENT + "suites, share"),
    ("two shares", lambda data: re.sub(rb"(;share=[^;]*)", rb"\1\1", data), 400,
     CLIENT + "a parameter stands twice"),
    ("a nonce of 24 bytes", lambda data: re.sub(rb"nonce=.{11}", b"nonce=", data), 400,
     CLIENT + "its nonce"),
    ("another nonce than SCRAM's", lambda data: re.sub(rb"nonce=.{4}", b"nonce=AAAA", data), 400,
     AUTHORIZATION),
    ("no address", lambda data: re.sub(rb";address=[^\r]*", b"", data), 400, CLIENT + "suites, share"),
    ("an address by name", lambda data: re.sub(rb'address="[^"]*"', b'address="host:5060"', data), 400,
     CLIENT + "its address"),
    ("an address that no host has", swap(b'address="[2001', b'address="[ff02'), 400,
     "the address that it gives"),
    ("an address of the other family", lambda data: re.sub(
        rb'address="[^"]*"', b'address="192.0.2.1:5060"', data), 400, "the address that it gives"),
    ("an unknown parameter", lambda data: re.sub(rb'(address="[^"]*")', rb"\1;and-more", data), 400,
     CLIENT + "a parameter that has no meaning"),
    ("another mechanism", swap(b"sekisho-x25519", b"ipsec-3gpp"), 400, CLIENT + "another mechanism"),
    ("Security-Client twice", more(b"Security-Client: sekisho-x25519"), 400,
     "Security-Client stands twice"),
    ("no Security-Client", without("Security-Client"), 403, "no message 1 or 3 of a key exchange"),
    ("no Authorization", without("Authorization"), 400, AUTHORIZATION),
    ("Authorization of another kind", swap(b"SCRAM-SHA-256", b"SCRAM-SHA-512"), 400, AUTHORIZATION),
    ("Authorization twice", more(b'Authorization: SCRAM-SHA-256 data="eA=="'), 400, AUTHORIZATION),
    ("Authorization that is no base64", swap(b'data="', b'data="?'), 400, AUTHORIZATION),
    ("certificate without gateway-proof", lambda data: re.sub(
        rb'(address="[^"]*")', rb"\1;certificate", data), 400, CLIENT + "certificate without"),
    ("a body", lambda data: data.replace(b"Content-Length: 0", b"Content-Length: 5") + b"hello", 400,
     "message 1: it has a body"),
    ("another domain", swap(b"REGISTER sip:abc.com", b"REGISTER sip:xyz.com"), 400,
     "its Request-URI is no domain"),
    ("a domain's user", swap(b"REGISTER sip:", b"REGISTER sip:me@"), 400,
     "its Request-URI is no domain"),
    ("a domain by another port", swap(b"abc.com SIP/2.0", b"abc.com:5061 SIP/2.0"), 400,
     "its Request-URI is no domain"),
    ("another scheme", swap(b"REGISTER sip:", b"REGISTER http:"), 400, "its Request-URI is no domain"),
    ("From and To of two", swap(b"To: <sip:user-c", b"To: <sip:user-a"), 400, NAMES),
    ("From without tag", swap(b";tag=stranger", b";tog=stranger"), 400, NAMES),
    ("To with tag", lambda data: re.sub(rb"(\r\nTo: [^\r]*)", rb"\1;tag=1", data), 400, NAMES),
    ("a name of 256 bytes", lambda data: data.replace(b"sip:user-c@", b"sip:" + b"u" * 248 + b"@"),
     400, NAMES),
    ("a name so long that there is no room for an answer", lambda data: data.replace(
        b"abc.com>", b"abc.com;" + b"u" * 110 + b">"), 400, "names so long that message 2"),
    ("two Via", more(b"Via: SIP/2.0/UDP [2001:db8::1];branch=z9hG4bKx"), 400, "more than one Via"),
    ("bytes behind it", lambda data: data + b"GET / HTTP/1.0", 400,
     "something stands before or behind"),
)

# What a datagram in the clear has no room for.
LONG = (
    ("260 lines more", lambda data: data.replace(b"Content-Length", MANY + b"Content-Length"), 400,
     "more than 256 header lines"),
)

# A REGISTER through an SA, beyond that: what it says, then status and reason.
HERE_INSTANCE = ';+sip.instance="<urn:uuid:1>"'


def bound(one):
    """The table of those that depend on where the terminal is."""
    here = f"<sip:user-a@{one.inner}>"
    own = here + HERE_INSTANCE
    other = f"<sip:user-a@[{one.address}]:5070>"
    elsewhere = "a Contact is elsewhere than its SA"
    broken = "a Contact is malformed or too long"
    return (
        ("of another name", {"sender": USER_C}, 403, "is not one of the subscriber's"),
        ("of nobody's name", {"sender": NOBODY}, 403, "is not one of the subscriber's"),
        ("From and To of two", {"to": USER_C}, 403, NAMES),
        ("for another domain", {"uri": "sip:xyz.com"}, 404, "no domain of ours"),
        ("for a user", {"uri": f"sip:{USER_A}"}, 404, "no domain of ours"),
        ("a Contact elsewhere", {"contact": "<sip:user-a@[2001:db8::1]:5060>"}, 403, elsewhere),
        ("a Contact at another port", {"contact": other}, 403, elsewhere),
        ("a Contact by name", {"contact": "<sip:user-a@phone.example>"}, 403, elsewhere),
        ("a Contact by tel:", {"contact": "<tel:+81312345678>"}, 403, elsewhere),
        ("no URI in a Contact", {"contact": "<>"}, 400, broken),
        ("an unclosed Contact", {"contact": here[:-1]}, 400, broken),
        ("a Contact of 300 bytes", {"contact": here.replace("user-a", "u" * 300)}, 400, broken),
        ("Contact: * beside another", {"contact": ["*", own], "lines": ["Expires: 0"]}, 400, broken),
        ("another beside Contact: *", {"contact": [own, "*"], "lines": ["Expires: 0"]}, 400, broken),
        ("Contact: * with time", {"contact": "*", "lines": ["Expires: 60"]}, 400,
         "without Expires: 0"),
        ("Contact: * without a word of time", {"contact": "*"}, 400, "without Expires: 0"),
        ("q over 1", {"contact": own + ";q=1.5"}, 400, "no number from 0 to 1"),
        ("q that is none", {"contact": own + ";q=high"}, 400, "no number from 0 to 1"),
        ("a parameter without name", {"contact": here + ";=5"}, 400, "parameters of a Contact"),
        ("an instance without quotes", {"contact": here + ";+sip.instance=x"}, 400,
         "+sip.instance of a Contact"),
        ("an instance of 400 bytes", {"contact": f'{here};+sip.instance="{"x" * 400}"'}, 400,
         "+sip.instance of a Contact"),
        ("two terminals at once",
         {"contact": [own, f'{here};+sip.instance="<urn:uuid:2>"']}, 400, "of two terminals"),
        ("another terminal's instance", {"contact": f'{here};+sip.instance="<urn:uuid:3>"'}, 403,
         "another terminal's"),
        ("nine Contacts", {"contact": [own] * 9}, 400, "too many Contacts"),
        ("too short a time", {"lines": ["Expires: 1"]}, 423, "registration.min"),
        ("an extension", {"lines": ["Require: path"]}, 420, "requires an extension"),
    )


class Play:
    def __init__(self, run):
        self.run = run
        certificate, key, authority = run.certificate("abc.com")
        self.gateway = run.gateway("gwa", "abc.com", certificates={
            "certificate": certificate, "key": key, "ca": authority})
        self.gateway.dataplane_settings = {"registers-per-second": 1000}
        self.gateway.start()
        for user in (USER_A, USER_C):
            self.gateway.add_subscriber(user, PASSWORD)
        self.reasons = {}  # {reason: who was refused for it}

    def stranger(self, node, subscriber):
        net = self.run.topology
        return Stranger(net.netns(node), net.nodes[node], net.nodes["gwa"], "abc.com", subscriber,
                        PASSWORD)

    # What the operator reads

    def told(self, reason):
        """Returns how often the operator has been told a reason, and of whom last."""
        rows = [row for row in self.gateway.ask("show refusals") if reason in row["reason"]]
        return sum(row["count"] for row in rows), [row["last_from"] for row in rows]

    def refused(self, sentence, ask, status, reason, sender):
        """ask() gets the status (None: silence) and no more, and the operator reads why, once more."""
        before, _ = self.told(reason)
        answer = ask()
        found = answer and answer.status
        is_told = comes_true(lambda: self.told(reason)[0] == before + 1, TOLD_S)
        _, last = self.told(reason)
        self.run.check(f"{sentence}: {status or 'silence'}, and the operator reads: {reason}",
                       found == status and is_told and any(sender in place for place in last),
                       [f"answer {found}", f"told {before}, then {self.told(reason)}"])
        self.reasons.setdefault(reason, set()).add(sender)
        if answer:
            self.is_bare(sentence, answer)
        return answer

    def is_bare(self, sentence, answer):
        """An answer has nothing but what it echoes, and is shaped as all of its status are."""
        names = {name for name, _ in answer.headers}
        allowed = ECHOED | ASKED_FOR.get(answer.status, set())
        self.run.check("      and its answer tells no more", names <= allowed and not answer.body,
                       f"{sentence}: {answer.headers} {answer.body}")

    def log_has_them(self):
        """Each reason stands in the log at least once, with who was refused for it; no secret does."""
        lines = self.gateway.controlplane.output().splitlines()
        silent = [reason for reason, senders in self.reasons.items()
                  if not any(reason in line and f"from [{sender}]" in line
                             for line in lines for sender in senders)]
        self.run.equal(f"the log has each of {len(self.reasons)} reasons, with an address", silent, [])
        self.run.check("and no password", not any(PASSWORD in line for line in lines))

    # In the clear

    def clear(self, stranger, data, status):
        return lambda: stranger.ask_clear(data, seconds=ANSWER_S if status else SILENT_S, tries=1)

    def first_messages(self):
        stranger = self.stranger("t3", USER_C)
        for sentence, bend, status, reason in (*ANY, *FIRST):
            data = fitted(bend(stranger.first()))
            self.refused(f"message 1, {sentence}", self.clear(stranger, data, status), status, reason,
                         stranger.address)
        for sentence, data, reason in (
                ("too short", stranger.first(pad=False), "it is shorter than 1200 bytes"),
                ("too long", stranger.first().replace(b"g: 0", b"g: " + b"0" * 100), "it is longer than")):
            self.refused(f"message 1, {sentence}", self.clear(stranger, data, None), None, reason,
                         stranger.address)
        self.attaches(stranger, "the same stranger's next good one")
        stranger.close()

    def attaches(self, stranger, sentence):
        self.run.equal(f"{sentence} attaches", stranger.attach()["level"], "3")

    # Messages 3, and others, that are out of order

    def third_messages(self):
        stranger, other = self.stranger("t3", USER_C), self.stranger("t1", USER_C)

        def refused(sentence, data, status, reason, who=stranger):
            self.refused(sentence, self.clear(who, data, status), status, reason, who.address)

        second = stranger.ask_clear(stranger.first())
        third = stranger.third(second)
        cookie = second.one("Security-Cookie").encode()
        foreign = "its cookie is none of ours"
        refused("message 3 before any message 1", self.made_up(other), 401, foreign, other)
        refused("message 3 without its cookie", without("Security-Cookie")(third), 400,
                "it has no Security-Cookie")
        refused("message 3 with two cookies", more(b"Security-Cookie: " + cookie)(third), 400,
                "Security-Cookie stands twice")
        refused("message 3 with lines of message 1", more(b'Authorization: SCRAM-SHA-256 data="eA=="')(
            third), 400, "it has lines of message 1")
        refused("message 3 with nothing sealed", third[:third.index(b"Content-Length")] +
                b"Content-Length: 0\r\n\r\n", 400, "its body is too short or too long")
        for sentence, wrong in (("is another", cookie[:-1] + bytes([cookie[-1] ^ 1])),
                                ("is no base64url", b"!" + cookie[1:]), ("is empty", b""),
                                ("is 5 characters long", cookie[:5])):
            refused(f"message 3 whose cookie {sentence}", third.replace(cookie, wrong), 401, foreign)
        refused("message 3 from elsewhere", third, 401, foreign, other)
        refused("what is sealed, with a bit turned", third[:-1] + bytes([third[-1] ^ 1]), 403,
                "what is sealed in it does not open")
        fourth = stranger.ask_clear(third)
        self.run.equal("the good message 3 after all of them", fourth and fourth.status, 200)
        again = stranger.ask_clear(third)
        self.run.equal("message 3 twice gets identical bytes", again and again.bytes, fourth.bytes)
        refused("another message 3 on a used cookie", stranger.third(second), 401,
                "its cookie was used, with another message 3")
        self.mixed(stranger, other)
        self.responses_unasked(stranger, second, fourth)
        self.shares_of_low_order(stranger)
        stranger.close()
        other.close()

    @staticmethod
    def made_up(stranger):
        """A message 3 of who has never had a message 2."""
        return stranger.request("REGISTER", "sip:abc.com", to=f"sip:{USER_C}", body=b"x" * 200, lines=[
            "Security-Cookie: " + "A" * 400, "Content-Type: application/sekisho-sealed"])

    def mixed(self, stranger, other):
        """What belongs to one exchange in another's place."""
        first = stranger.ask_clear(stranger.first())
        second = other.ask_clear(other.first())
        mixed = stranger.third(first, cookie=second.one("Security-Cookie"))
        self.refused("message 3 with the cookie of another's exchange",
                     self.clear(stranger, mixed, 401), 401, "its cookie is none of ours",
                     stranger.address)
        turned = stranger.request("REGISTER", "sip:abc.com", to=f"sip:{USER_C}", lines=[
            f"{name}: {value}" for name, value in second.headers
            if name.startswith(("Security-", "WWW-"))])
        self.refused("message 2 as a request", self.clear(stranger, turned, 403), 403,
                     "no message 1 or 3 of a key exchange", stranger.address)

    def responses_unasked(self, stranger, second, fourth):
        """Responses in the clear: dropped by the data plane, which counts them."""
        early = (b"SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP h;branch=z9hG4bKx\r\nFrom: <sip:a@abc.com>;tag=1"
                 b"\r\nTo: <sip:a@abc.com>\r\nCall-ID: c\r\nCSeq: 1 REGISTER\r\n"
                 b"Content-Length: 0\r\n\r\n")
        for sentence, data in (("an early 200", early), ("a message 2", second.bytes),
                               ("a message 4", fourth.bytes)):
            self.dropped(f"{sentence} that nobody asked for", stranger, data, "clear_response")

    def dropped(self, sentence, stranger, data, reason):
        before = self.gateway.drops().get(reason, 0)
        answer = stranger.ask_clear(data, seconds=SILENT_S, tries=1)
        self.run.check(f"{sentence} gets silence", answer is None, answer and answer.first)
        self.run.becomes(f"      and counts as {reason}", lambda: self.gateway.drops().get(reason, 0),
                         before + 1)

    def shares_of_low_order(self, stranger):
        """With all else right, sealed under what everybody can compute from such a share."""
        for number, share in enumerate(LOW_ORDER):
            second = stranger.ask_clear(stranger.first(share=share))
            stranger.private = NoSecret()
            self.refused(f"share {number} of low order", self.clear(stranger, stranger.third(second), 403),
                         403, "its share is of low order", stranger.address)

    def by_tcp(self):
        """An early 200 that reaches the control plane itself, and what has no business there."""
        response = (b"SIP/2.0 200 OK\r\nVia: SIP/2.0/TCP h;branch=z9hG4bKx\r\nFrom: <sip:a@abc.com>;tag=1"
                    b"\r\nTo: <sip:a@abc.com>\r\nCall-ID: c\r\nCSeq: 1 REGISTER\r\n"
                    b"Content-Length: 0\r\n\r\n")
        for sentence, data, start, reason in (
                ("an early 200", response, None, "a response that nobody has asked for"),
                ("an OPTIONS", response.replace(b"SIP/2.0 200 OK", b"OPTIONS sip:abc.com SIP/2.0").replace(
                    b"1 REGISTER", b"1 OPTIONS"), b"SIP/2.0 403 ", "by TCP nothing but a key exchange")):
            before, _ = self.told(reason)
            with Netns(self.run.topology.netns("t3")):
                link = socket.create_connection((self.run.topology.nodes["gwa"].address(), 5060), ANSWER_S)
            link.settimeout(ANSWER_S if start else SILENT_S)
            link.sendall(data)
            try:
                heard = link.recv(65536)
            except TimeoutError:
                heard = b""
            link.close()
            self.run.check(f"by TCP: {sentence}: {start or 'silence'}",
                           heard.startswith(start) if start else heard == b"", heard)
            self.run.becomes(f"      and the operator reads: {reason}", lambda: self.told(reason)[0],
                             before + 1)
            self.reasons[reason] = {self.run.topology.nodes["t3"].address()}

    # Through an SA

    def through_an_sa(self):
        one = self.stranger("t1", USER_A)
        self.attaches(one, "a good terminal")

        def refused(sentence, data, status, reason):
            return self.refused(sentence, lambda: one.ask(data, seconds=ANSWER_S if status else SILENT_S),
                                status, reason, one.address)

        refused("a MESSAGE before the first REGISTER", one.request("MESSAGE", f"sip:{USER_C}"), 403,
                "an SA on which nobody has registered yet")
        contact = f"Contact: <sip:user-a@{one.inner}>{HERE_INSTANCE}"
        answer = one.ask(one.request("REGISTER", "sip:abc.com", to=f"sip:{USER_A}", lines=[contact]))
        self.run.equal("a good REGISTER", answer and answer.status, 200)
        for sentence, said, status, reason in bound(one):
            refused(f"REGISTER, {sentence}", self.registration(one, contact, **said), status, reason)
        for sentence, bend, status, reason in (*ANY, *LONG):
            data = bend(one.request("REGISTER", "sip:abc.com", to=f"sip:{USER_A}", lines=[contact]))
            refused(f"REGISTER, {sentence}", data, status, reason)
        refused("message 3 inside an SA, before any message 1", self.made_up(one).replace(
            USER_C.encode(), USER_A.encode()), 401, "its cookie is none of ours")
        refused("an INVITE to the domain", one.request("INVITE", "sip:abc.com"), 405,
                "a method that the gateway itself has no use for")
        self.expires_that_is_none(one, contact)
        self.early_by_the_sa(one)
        rows = self.gateway.show("registrations")
        self.run.equal("none of them changed anything",
                       [(row["identity"], row["contact"]) for row in rows],
                       [(USER_A, f"sip:user-a@{one.inner}")])
        answer = one.ask(one.request("OPTIONS", "sip:abc.com"))
        self.run.equal("and the next good request passes", answer and answer.status, 200)
        return one

    @staticmethod
    def registration(one, own, contact=None, sender=USER_A, to=None, lines=(), uri="sip:abc.com"):
        contacts = [own] if contact is None else [
            f"Contact: {text}" for text in ([contact] if isinstance(contact, str) else contact)]
        return one.request("REGISTER", uri, sender=f"sip:{sender}", to=f"sip:{to or sender}",
                           lines=[*contacts, *lines])

    def expires_that_is_none(self, one, contact):
        """RFC 3261 20.10 and 20.19: what is no number counts as not there."""
        for lines in (["Expires: soon"], ["Expires: 99999999999"], ["Expires: -1"]):
            answer = one.ask(self.registration(one, contact, lines=lines))
            expires = answer and re.search(r"expires=(\d+)", answer.one("Contact") or "")
            self.run.check(f"REGISTER with {lines[0]} gets the time that one without it gets",
                           answer is not None and answer.status == 200 and expires and
                           int(expires[1]) in (3599, 3600), answer and answer.headers)

    def early_by_the_sa(self, one):
        """A 200 that nobody asked for, by an SA: whose top Via is not ours, and whose is, without sk=."""
        reason = "sip_response_via"
        for sentence, via in (("to nobody", "[2001:db8::1]:5060"),
                              ("to us", f"{one.bracketed(one.gateway)}:5060")):
            data = one.request("OPTIONS", "sip:abc.com").replace(
                b"OPTIONS sip:abc.com SIP/2.0", b"SIP/2.0 200 OK").replace(
                    one.inner.encode() + b";branch", via.encode() + b";branch", 1)
            before = self.gateway.drops().get(reason, 0)
            one.send(data)
            self.run.check(f"an early 200 {sentence} gets silence", one.receive(SILENT_S) is None)
            self.run.becomes(f"      and counts as {reason}",
                             lambda: self.gateway.drops().get(reason, 0), before + 1)

    # What is left of them

    def memory_kb(self):
        status = pathlib.Path(f"/proc/{self.gateway.controlplane.pid}/status").read_text()
        return int(re.search(r"^VmRSS:\s+(\d+) kB$", status, re.M)[1])

    def state(self):
        status = self.gateway.show("status")
        return {key: status[key] for key in ("sas", "bindings")}

    def nothing_is_kept(self, one):
        """Over again, many of them: the same SAs and bindings, and no more memory."""
        stranger = self.stranger("t3", USER_C)
        clear = [fitted(bend(stranger.first())) for _, bend, status, _ in (*ANY, *FIRST) if status]
        sealed = [self.registration(one, f"Contact: <sip:user-a@{one.inner}>", **said)
                  for _, said, _, _ in bound(one)]
        before, kb, answered = self.state(), self.memory_kb(), 0
        for number in range(AGAIN):
            if number % 2:
                answer = one.ask(sealed[number // 2 % len(sealed)])
            else:
                answer = stranger.ask_clear(clear[number // 2 % len(clear)])
            answered += answer is not None
        self.run.equal(f"{AGAIN} more of them are answered", answered, AGAIN)
        self.run.equal(f"{AGAIN} more of them leave no SA and no binding", self.state(), before)
        grown = self.memory_kb() - kb
        self.run.check(f"and no memory: {grown} KB", grown < LEAK_KB)
        self.attaches(stranger, "a good terminal, after all of them,")
        self.run.equal("and registers", stranger.register().status, 200)
        stranger.close()


def main():
    with Scenario(SINGLE_GATEWAY, families=(6,)) as run:
        play = Play(run)
        play.first_messages()
        play.third_messages()
        play.by_tcp()
        one = play.through_an_sa()
        play.log_has_them()
        play.nothing_is_kept(one)
        one.close()
    return run.status


if __name__ == "__main__":
    sys.exit(main())
