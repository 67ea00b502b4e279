#!/usr/bin/python3
"""What comes in wrong, at every socket of a gateway: refused, told to the operator, of no use to
who sent it.

         t1 ------- to-t1 +--------+ to-gwa ------- gwa  abc.com
     user-a@abc.com       | router |                      | admin socket: garbage
         t3 ------- to-t3 +--------+                      | contract socket: a data plane that lies
     strangers who guess

Malformed REGISTERs of every kind, key exchanges malformed and out of order, garbage on both
sockets; and by time nobody learns who exists.
"""

import os
import pathlib
import random
import socket
import statistics
import struct
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
import contract
from flow_denied_alike import guess
from sekisho_flow import Scenario
from stranger import ANSWER_S, Stranger
from topology import READY_S, SINGLE_GATEWAY, comes_true, wait_until

USER_A, USER_C, USER_D, USER_E = (f"user-{letter}@abc.com" for letter in "acde")
NOBODY = "user-x@abc.com"
OPENS_AT_MOST = 40  # 16 at once and one more each 4 s
PASSWORD = "correct horse"
TOLD_S = 20.0  # in which the log has what the operator is told
SILENT_S = 0.5  # in which what must not come would have come
SPACED_S = 0.2  # the log has 20 sentences of a kind at once, then two a second
ROUNDS = 40  # of each who is refused; a source may ask so often
# Of two like populations of 40 the guess is 0.5 with a standard error of 0.065: four of them.
GUESS_BOUND = 0.26


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


class Play:
    def __init__(self, run):
        self.run = run
        self.gateway = run.gateway("gwa", "abc.com")
        self.gateway.start()
        for user in (USER_A, USER_C, USER_D):
            self.gateway.add_subscriber(user, PASSWORD)
        self.gateway.ctl("subscriber", "disable", USER_D)
        self.gateway.ctl("subscriber", "add", USER_E, "--certificate")

    def log(self):
        return (self.run.topology.log_dir / "gwa-controlplane.log").read_text(errors="replace")

    def stranger(self, node, subscriber, password=PASSWORD):
        net = self.run.topology
        return Stranger(net.netns(node), net.nodes[node], net.nodes["gwa"], "abc.com", subscriber,
                        password)

    def told(self, reason, before):
        self.run.check(f"      and the log says: {reason}",
                       comes_true(lambda: reason in self.log()[before:], TOLD_S),
                       self.log()[before:].splitlines())

    # REGISTER through an SA

    def registers(self):
        one = self.stranger("t1", USER_A)
        one.attach()
        self.run.equal("a good REGISTER", one.register().status, 200)
        here = f"<sip:user-a@{one.inner}>"
        own = f'{here};+sip.instance="<urn:uuid:1>"'

        def refused(sentence, status, reason, contact=own, sender=USER_A, to=None, lines=(),
                    uri="sip:abc.com", **options):
            before = len(self.log())
            contacts = [f"Contact: {text}" for text in
                        ([contact] if isinstance(contact, str) else contact)]
            answer = one.ask(one.request("REGISTER", uri, sender=f"sip:{sender}",
                                         to=f"sip:{to or sender}", lines=[*contacts, *lines],
                                         **options))
            self.run.equal(f"REGISTER: {sentence}", answer and answer.status, status)
            if answer:
                self.run.check("      and its answer tells no more", not any(
                    name in ("Warning", "Reason", "Server") for name, _ in answer.headers))
            self.told(reason, before)
            time.sleep(SPACED_S)

        refused("of another name", 403, "is not one of the subscriber's", sender=USER_C)
        refused("of nobody's name", 403, "is not one of the subscriber's", sender=NOBODY)
        refused("From and To of two", 403, "From and To are not one name", to=USER_C)
        refused("for another domain", 404, "no domain of ours", uri="sip:xyz.com")
        refused("for a user", 404, "no domain of ours", uri=f"sip:{USER_A}")
        refused("a Contact elsewhere", 403, "elsewhere than its SA",
                contact="<sip:user-a@[2001:db8::1]:5060>")
        refused("a Contact at another port", 403, "elsewhere than its SA",
                contact=f"<sip:user-a@[{one.address}]:5070>")
        refused("a Contact by name", 403, "elsewhere than its SA",
                contact="<sip:user-a@phone.example>")
        refused("a Contact by tel:", 403, "elsewhere than its SA", contact="<tel:+81312345678>")
        refused("no URI in a Contact", 400, "malformed or too long", contact="<>")
        refused("an unclosed Contact", 400, "malformed or too long", contact=here[:-1])
        refused("a Contact of 300 bytes", 400, "malformed or too long",
                contact=here.replace("user-a", "u" * 300))
        refused("q over 1", 400, "no number from 0 to 1", contact=own + ";q=1.5")
        refused("q that is none", 400, "no number from 0 to 1", contact=own + ";q=high")
        refused("a parameter without name", 400, "parameters of a Contact", contact=here + ";=5")
        refused("an instance without quotes", 400, "+sip.instance",
                contact=here + ";+sip.instance=x")
        refused("an instance of 400 bytes", 400, "+sip.instance",
                contact=f'{here};+sip.instance="{"x" * 400}"')
        refused("two terminals at once", 400, "of two terminals",
                contact=[own, f'{here};+sip.instance="<urn:uuid:2>"'])
        refused("another terminal's instance", 403, "another terminal's",
                contact=f'{here};+sip.instance="<urn:uuid:3>"')
        refused("nine Contacts", 400, "too many Contacts", contact=[own] * 9)
        refused("Contact: * with time", 400, "without Expires: 0", contact="*",
                lines=["Expires: 60"])
        refused("too short a time", 423, "registration.min", lines=["Expires: 1"])
        refused("an extension", 420, "requires an extension", lines=["Require: path"])
        rows = self.gateway.show("registrations")
        self.run.equal("none of them changed anything",
                       [(row["identity"], row["contact"]) for row in rows],
                       [(USER_A, here.strip("<>"))])
        for sentence, bend in (
                ("without To", lambda data: data.replace(b"To: <", b"X-To: <")),
                ("without Call-ID", lambda data: data.replace(b"Call-ID", b"X-Call-ID")),
                ("CSeq of another method", lambda data: data.replace(b" REGISTER\r\n",
                                                                     b" INVITE\r\n", 1)),
                ("CSeq beyond 2^31", lambda data: data.replace(b"CSeq: ", b"CSeq: 9999999999")),
                ("a NUL in a line", lambda data: data.replace(b"Max-Forwards: 70",
                                                              b"Max-Forwards: 7\x000"))):
            data = bend(one.request("REGISTER", "sip:abc.com", to=f"sip:{USER_A}",
                                    lines=[f"Contact: {own}"]))
            answer = one.ask(data, seconds=SILENT_S)
            self.run.check(f"REGISTER: {sentence} gets 400 or nothing",
                           answer is None or answer.status == 400, answer and answer.first)
        answer = one.ask(one.request("OPTIONS", "sip:abc.com"))
        self.run.equal("and the next good request passes", answer and answer.status, 200)
        one.close()

    # Key exchange

    def exchanges(self):
        def ask(sentence, data, status, reason=None):
            before = len(self.log())
            answer = stranger.ask_clear(data, seconds=ANSWER_S if status else SILENT_S, tries=1)
            self.run.equal(f"key exchange: {sentence}", answer and answer.status, status)
            if reason:
                self.told(reason, before)
            return answer

        stranger = self.stranger("t3", USER_C)
        good = stranger.first()
        bend = lambda old, new: good.replace(old, new)
        ask("a share that is cut short", bend(b";nonce=", b"x;nonce="), 400, "Security-Client")
        ask("no suite that anybody knows",
            bend(b"aes-128-gcm-16,aes-256-gcm-16", b"rot13-and-such,once-again-and"),
            488)
        ask("Security-Client twice", bend(b"Security-Padding:", b"Security-Client :"), 400,
            "Security-Client")
        ask("no Authorization", bend(b"Authorization:", b"X-Authorization:"), 400, "Authorization")
        ask("an Authorization of another kind", bend(b"SCRAM-SHA-256", b"SCRAM-SHA-512"), 400,
            "Authorization")
        ask("an address that no host has", bend(b'address="[2001', b'address="[ff02'), 400,
            "the address that it gives")
        ask("another domain", bend(b"REGISTER sip:abc.com", b"REGISTER sip:xyz.com"), 400,
            "Request-URI")
        ask("From and To of two",
            bend(f"To: <sip:{USER_C}".encode(), f"To: <sip:{USER_A}".encode()),
            400, "From, To or Via")
        ask("From without tag", bend(b";tag=stranger", b";tog=stranger"), 400, "From, To or Via")
        second = ask("a good message 1", stranger.first(), 401)
        third = stranger.third(second)
        ask("message 3 without its cookie", third.replace(b"Security-Cookie", b"X-Security-Cook"),
            400, "message 3")
        cookie = second.one("Security-Cookie").encode()
        ask("message 3 with another cookie", third.replace(cookie[:20], cookie[:19] + b"!"), 401)
        ask("what is sealed, with a bit turned", third[:-1] + bytes([third[-1] ^ 1]), 403,
            "does not open")
        fourth = ask("and the good one at last", third, 200)
        if fourth:
            stranger.fourth(fourth)
        stranger.close()

        stranger = self.stranger("t3", USER_C)
        other = self.stranger("t1", USER_C)
        first_of_one = stranger.ask_clear(stranger.first())
        second_of_other = other.ask_clear(other.first())
        mixed = stranger.third(first_of_one, cookie=second_of_other.one("Security-Cookie"))
        ask("message 3 to one exchange with the cookie of another", mixed, 401)
        ask("a response that nobody asked for", second_of_other.bytes, None)
        early = (b"SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP h;branch=z9hG4bKx\r\nFrom: <sip:a@abc.com>;tag=1"
                 b"\r\nTo: <sip:a@abc.com>\r\nCall-ID: c\r\nCSeq: 1 REGISTER\r\n"
                 b"Content-Length: 0\r\n\r\n")
        ask("an early 200", early + b" " * 1200, None)
        self.shares_of_low_order(stranger, ask)
        self.run.equal("no SA came of any of them but the good one", len(
            [row for row in self.gateway.show("sas") if row["who"] == USER_C]), 1)
        stranger.close()
        other.close()

    @staticmethod
    def shares_of_low_order(stranger, ask):
        """With all else right, sealed under what everybody can compute from such a share."""
        for number, share in enumerate(LOW_ORDER):
            second = stranger.ask_clear(stranger.first(share=share))
            stranger.private = NoSecret()
            ask(f"share {number} of low order", stranger.third(second), 403,
                "its share is of low order")

    # Who exists

    def times_of_refusals(self):
        """Message 3 of who is unknown, disabled, has a certificate, or says a wrong password."""
        kinds = {"wrong password": USER_C, "unknown": NOBODY, "disabled": USER_D,
                 "by certificate": USER_E}
        times = {kind: {"message 1": [], "message 3": []} for kind in kinds}
        order = list(kinds) * ROUNDS
        random.Random(7).shuffle(order)
        statuses = set()
        for kind in order:
            stranger = self.stranger("t3", kinds[kind], "wrong")
            first = stranger.first()
            begin = time.perf_counter()
            second = stranger.ask_clear(first, seconds=ANSWER_S, tries=1)
            times[kind]["message 1"].append(time.perf_counter() - begin)
            third = stranger.third(second)
            begin = time.perf_counter()
            answer = stranger.ask_clear(third, seconds=ANSWER_S, tries=1)
            times[kind]["message 3"].append(time.perf_counter() - begin)
            statuses.add(answer.status if answer else None)
            stranger.close()
            time.sleep(0.1)
        self.run.equal("all of them are refused alike", statuses, {403})
        for step in ("message 1", "message 3"):
            base = times["wrong password"][step]
            for kind in kinds:
                found = times[kind][step]
                right = guess(found, base)
                print(f"        {step}, {kind}: median {statistics.median(found) * 1e6:.0f} us;"
                      f" told from a wrong password in {max(right, 1 - right):.3f} of all cases")
                self.run.check(f"{step}: nobody can tell by time who is {kind}",
                               abs(right - 0.5) < GUESS_BOUND)

    # Sockets

    def admin_garbage(self):
        """Whatever is said to it, the next operator is served."""
        def said(sentence, data, is_closed=None):
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as link:
                link.settimeout(ANSWER_S)
                link.connect(str(self.gateway.admin_socket))
                heard = b""
                try:
                    for at in range(0, len(data), 65536):
                        link.sendall(data[at:at + 65536])
                    link.shutdown(socket.SHUT_WR)
                    while piece := link.recv(65536):
                        heard += piece
                except OSError:
                    pass
            self.run.check(f"admin socket: {sentence} gets no good answer",
                           b'"ok":true' not in heard.replace(b" ", b""), heard[:200])
            self.run.check("      and the operator is served",
                           self.gateway.ctl("show", "status", check=False).returncode == 0)

        said("noise", os.urandom(5000))
        said("noise in lines", b"\n".join(os.urandom(50).replace(b"\n", b"") for _ in range(200)))
        said("a line without end", b"x" * (8 << 20))
        said("deep nesting", b"[" * 200000 + b"\n")
        said("no command", b"{}\n")
        said("another type of command", b'{"command": {"a": [1, 2, 3]}}\n')
        said("an unknown command", b'{"command": "drop tables"}\n')
        said("fields of other types", b'{"command": "subscriber add", "id": 7, "salt": []}\n')
        said("an id with a NUL", b'{"command": "subscriber disable", "id": "a\\u0000b"}\n')
        said("half a request", b'{"command": "show sta')
        links = []
        for _ in range(200):
            link = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            link.settimeout(1)
            try:
                link.connect(str(self.gateway.admin_socket))
            except OSError:
                link.close()
                break
            links.append(link)
        for link in links:
            link.close()
        wait_until(lambda: self.gateway.ctl("show", "status", check=False).returncode == 0,
                   READY_S, "after 200 silent connections the operator is served")

    def lying_data_plane(self):
        """The control plane meets a data plane that speaks nonsense, drops it, and finds the real
        one."""
        self.gateway.stop_dataplane()
        path = self.gateway.contract_socket
        if path.exists():
            path.unlink()
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        listener.bind(str(path))
        listener.listen(8)
        listener.settimeout(READY_S)
        head = lambda **fields: bytes(contract.Header(
            **{"magic": contract.MAGIC, "version": contract.VERSION, "id": contract.WELCOME,
               "length": 16, "request": 1, **fields}))
        welcome = bytes(contract.Welcome(header=contract.Header(
            contract.MAGIC, contract.VERSION, contract.WELCOME,
            len(bytes(contract.Welcome())), 1), workers=1, sa_capacity=64, binding_capacity=64))
        lies = [b"", b"x", os.urandom(300), head(magic=7), head(version=99), head(length=9999),
                head(id=77), head(id=contract.SIP_RECEIVED), head(), welcome[:-1],
                welcome.replace(struct.pack("<I", 64), struct.pack("<I", 1 << 31)),
                welcome + os.urandom(100), head(id=contract.ANSWER), head(id=contract.EVENT)]
        for number, lie in enumerate(lies):
            connection, _ = listener.accept()
            connection.settimeout(2)
            try:
                connection.recv(65536)
                connection.send(lie)
                connection.recv(65536)
            except OSError:
                pass
            connection.close()
            if not self.gateway.controlplane.is_alive():
                self.run.check(f"contract socket: lie {number} is survived", False, repr(lie))
                return
        listener.close()
        path.unlink()
        self.run.check(f"contract socket: {len(lies)} lies are survived", True)
        self.run.equal("and the operator is served",
                       self.gateway.ctl("show", "status", check=False).returncode, 0)
        self.gateway.start_dataplane()
        wait_until(lambda: self.gateway.show("status")["dataplane"],
                   READY_S, "the real data plane is found")
        stranger = self.stranger("t1", USER_A)
        self.run.equal("under which terminals attach", stranger.attach()["level"], "3")
        stranger.close()

    # Somebody with a right password who opens SAs over and over

    def opens_too_often(self):
        def sas():
            return len([row for row in self.gateway.show("sas") if row["who"] == USER_C])

        stranger = self.stranger("t3", USER_C)
        for opened in range(OPENS_AT_MOST):
            before, had = len(self.log()), sas()
            second = stranger.ask_clear(stranger.first())
            answer = stranger.ask_clear(stranger.third(second))
            if answer is None or answer.status != 200:
                break
        self.run.equal("who opens SAs too often is told to come later",
                       (answer and answer.status, answer and answer.one("Retry-After")),
                       (503, "10"))
        self.told("of user-c@abc.com: unavailable, the subscriber opens SAs too often", before)
        self.run.equal(f"      no SA came of it, after {opened}", sas(), had)
        stranger.close()
        stranger = self.stranger("t1", USER_A)
        self.run.equal("      others attach", stranger.attach()["level"], "3")
        stranger.close()


def main():
    with Scenario(SINGLE_GATEWAY, families=(6,)) as run:
        play = Play(run)
        play.registers()
        play.exchanges()
        play.times_of_refusals()
        play.admin_garbage()
        play.lying_data_plane()
        play.opens_too_often()
    return run.status


if __name__ == "__main__":
    sys.exit(main())
