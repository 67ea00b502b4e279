#!/usr/bin/python3
"""A sender without a secure channel proves himself request by request and is served at level 1
(P18).

         t1 ------- to-t1 +--------+ to-gwa ------- gwa  abc.com
    user-c@abc.com, clear | router |
         t2 ------- to-t2 +--------+ to-gwb ------- gwb  xyz.com
     user-b@xyz.com

At t1 there is a plain SIP client with Digest SHA-256, written here from RFC 7616.
"""

import hashlib
import pathlib
import re
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
from sekisho_flow import Scenario
from stranger import ANSWER_S, Stranger
from two_domains import ELSEWHERE, NODES, TwoDomains, USER_A, USER_B

PASSWORD = "another one than that of the channel"
TO = f"sip:{USER_B}"
GUESSES_AT_MOST = 60  # 16 at once are looked at, and one more each 4 s


def sha256(*parts):
    return hashlib.sha256(":".join(parts).encode()).hexdigest()


class Clear:
    """The client: Stranger's clear half with level 1 in Route-Security, and Digest."""

    def __init__(self, run, user=ELSEWHERE, password=PASSWORD):
        net = run.topology
        self.wire = Stranger(net.netns("t1"), net.nodes["t1"], net.nodes["gwa"], "abc.com", user,
                             "", 6)
        self.user, self.password = user, password
        self.own = f"Route-Security: {self.wire.bracketed(self.wire.address)};level=1"

    def close(self):
        self.wire.close()

    def request(self, method, uri=TO, credentials=None, lines=(), **options):
        more = [f"Proxy-Authorization: {credentials}"] if credentials else []
        if method == "MESSAGE":
            more.append("Content-Type: text/plain")
            options["body"] = b"hello"
        return self.wire.request(method, uri, lines=[self.own, *more, *lines],
                                 route_security=False, **options)

    def credentials(self, challenge, method, uri=TO):
        told = dict(re.findall(r'(\w+)="?([^",]+)"?', challenge.one("Proxy-Authenticate")))
        a1 = sha256(self.user, told["realm"], self.password)
        response = sha256(a1, told["nonce"], "00000001", "c0ffee", "auth", sha256(method, uri))
        return (f'Digest username="{self.user}", realm="{told["realm"]}", nonce="{told["nonce"]}", '
                f'uri="{uri}", response="{response}", algorithm=SHA-256, cnonce="c0ffee", '
                f'qop=auth, nc=00000001')

    def challenged(self, method, **options):
        return self.credentials(self.wire.ask_clear(self.request(method, **options)), method)

    def final(self, data):
        """The first final answer to a request, which is sent once."""
        self.wire.send_clear(data)
        for _ in range(10):
            answer = self.wire.answer_to(data, self.wire.receive_clear, ANSWER_S)
            if answer is None or answer.status >= 200:
                return answer
        return None


class Insecure:
    def __init__(self, run, domains):
        self.run, self.domains = run, domains
        self.two = domains.terminal_2

    def status(self, sentence, answer, expected):
        found = answer.status if answer else None
        return self.run.check(f"{sentence} ({expected})", found == expected,
                              answer.bytes.decode(errors="replace") if answer else "no answer")

    def message_is_proved(self, client):
        challenge = client.wire.ask_clear(client.request("MESSAGE"))
        self.status("a request without credentials is challenged", challenge, 407)
        self.run.check("with SHA-256 and nothing weaker",
                       "algorithm=SHA-256" in challenge.one("Proxy-Authenticate"))
        credentials = client.credentials(challenge, "MESSAGE")
        branch = "z9hG4bKonce"
        right = client.request("MESSAGE", credentials=credentials, branch=branch)
        self.status("with credentials it is served", client.final(right), 200)
        heard = self.two.wait_for("message")
        self.run.check("the receiver sees that its first link is worth level 1",
                       heard and [hop.get("level") for hop in heard["path"]] == [1, 3, 3],
                       [str(heard)])
        self.run.check("and none of what proved the sender",
                       "digest" not in str(heard).lower())
        self.status("the same credentials on another request are worth nothing",
                    client.final(client.request("MESSAGE", credentials=credentials)), 407)

    def call_is_proved(self, client):
        credentials = client.challenged("INVITE")
        call = {"call_id": "insecure-call", "cseq": 1, "tag": "c"}
        contact = f"Contact: <sip:user-c@{client.wire.inner}>"
        answer = client.final(client.request("INVITE", credentials=credentials, branch="z9hG4bKi",
                                             lines=[contact], **call))
        self.status("a call is answered", answer, 200)
        routes = [f"Route: {route}" for route in reversed(answer.all("Record-Route"))]
        callee = re.search(r"<([^>]+)>", answer.one("Contact")).group(1)
        to_tag = answer.one("To").split(";tag=")[1]

        def in_dialog(method, cseq, credentials):
            data = client.request(method, callee, credentials=credentials, lines=routes,
                                  call_id="insecure-call", cseq=cseq, tag="c", to=TO)
            return data.replace(f"To: <{TO}>".encode(), f"To: <{TO}>;tag={to_tag}".encode())

        client.wire.send_clear(in_dialog("ACK", 1, credentials))
        self.run.check("the ACK with its INVITE's credentials reaches the callee",
                       self.two.wait_for("established") is not None)
        challenge = client.final(in_dialog("BYE", 2, None))
        self.status("the BYE is challenged anew", challenge, 407)
        proof = client.credentials(challenge, "BYE", callee)
        self.status("and ends the call", client.final(in_dialog("BYE", 2, proof)), 200)

    def others_are_refused(self, client):
        self.status("under another's name: 403", client.final(client.request(
            "MESSAGE", credentials=client.challenged("MESSAGE"), sender=f"sip:{USER_A}")), 403)
        for sentence, user, password in (("a wrong password", ELSEWHERE, "guess"),
                                         ("an unknown user", "nobody@abc.com", "guess"),
                                         ("a user without such a password", USER_A, PASSWORD)):
            client.user, client.password = user, password
            self.status(f"{sentence}: challenged again", client.final(client.request(
                "MESSAGE", credentials=client.challenged("MESSAGE"))), 407)
        client.user, client.password = ELSEWHERE, PASSWORD

    def guesses(self, client):
        """Who guesses is put off, the operator reads of it, and another behind the same address is served."""
        client.user, client.password, found = "nobody@abc.com", "guess", []
        while 503 not in found and len(found) < GUESSES_AT_MOST:
            answer = client.wire.ask_clear(client.request("MESSAGE", credentials=client.challenged("MESSAGE")))
            found.append(answer and answer.status)
        client.user, client.password = ELSEWHERE, PASSWORD
        self.run.equal(f"{len(found)} guesses at a password", found, [407] * (len(found) - 1) + [503])
        self.run.check("      of which some were looked at", len(found) > 10)
        told = [row["reason"] for row in self.domains.gateway_a.ask("show refusals")]
        for reason in ("had a wrong password", "its source was wrong about this user too often"):
            self.run.check(f"      and the operator reads: {reason}", any(reason in row for row in told), told)
        answer = client.wire.ask_clear(client.request("MESSAGE", credentials=client.challenged("MESSAGE")))
        self.status("another user at the same address is served", answer, 200)


def main():
    run = Scenario(NODES, families=(6,))
    with run:
        domains = TwoDomains(run, **{"insecure-access": "authenticated"})
        domains.gateway_a.ctl("policy", "add", 10, "allow", ELSEWHERE, "@xyz.com", "any")
        domains.gateway_b.ctl("policy", "add", 10, "allow", ELSEWHERE, USER_B, "any")
        domains.gateway_a.ctl("subscriber", "digest", ELSEWHERE, "--password-stdin",
                              secret=PASSWORD)
        domains.terminal_2.settings = {"on-weak-path": "warn"}
        domains.terminal_2.start("--auto-answer")
        run.check("user-b is registered", domains.terminal_2.wait_for("registered"))
        insecure = Insecure(run, domains)
        client = Clear(run)
        insecure.message_is_proved(client)
        insecure.call_is_proved(client)
        insecure.others_are_refused(client)
        insecure.guesses(client)
        client.close()
    return run.status


if __name__ == "__main__":
    sys.exit(main())
