#!/usr/bin/python3
"""What comes in wrong, at every socket of a gateway: refused, told to the operator, of no use to
who sent it.

         t1 ------- to-t1 +--------+ to-gwa ------- gwa  abc.com
     user-a@abc.com       | router |                      | admin socket: garbage
         t3 ------- to-t3 +--------+                      | contract socket: a data plane that lies
     strangers who guess

By time nobody learns who exists; who guesses passwords puts off himself and nobody behind the same address; garbage
on both sockets; one who opens SAs over and over. What is malformed or out of order on
the wire is flow_bad_register.py's.
"""

import ctypes
import json
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
from lying_data_plane import LyingDataPlane, whole
from sekisho_flow import Scenario
from stranger import ANSWER_S, Stranger
from topology import READY_S, SINGLE_GATEWAY, comes_true, wait_until

USER_A, USER_B, USER_C = (f"user-{letter}@abc.com" for letter in "abc")
OPENS_AT_MOST = 40  # 16 at once and one more each 4 s
PASSWORD = "correct horse"
TOLD_S = 20.0  # in which the log has what the operator is told
SILENT_S = 1.0  # in which somebody who reads would have read
ASKED_AT_MOST = 64 << 20  # bytes of requests whose answers nobody reads
EACH = 4  # of each kind who is refused: of one of them a source may be wrong 16 times at once
ROUNDS = 40  # of each kind, in turns by one of these
GUESSED_AT_ONCE = 16
GUESSES_AT_MOST = 60  # and one more each 4 s
# Of two like populations of 40 the guess is 0.5 with a standard error of 0.065: four of them.
GUESS_BOUND = 0.26


class Play:
    def __init__(self, run):
        self.run = run
        self.gateway = run.gateway("gwa", "abc.com")
        self.gateway.start()
        for user in (USER_A, USER_B, USER_C):
            self.gateway.add_subscriber(user, PASSWORD)
        for number in range(EACH):
            self.gateway.add_subscriber(f"right-{number}@abc.com", PASSWORD)
            self.gateway.add_subscriber(f"shut-{number}@abc.com", PASSWORD)
            self.gateway.ctl("subscriber", "disable", f"shut-{number}@abc.com")
            self.gateway.ctl("subscriber", "add", f"cert-{number}@abc.com", "--certificate")

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

    # Who exists

    def times_of_refusals(self):
        """Message 3 of who is unknown, disabled, has a certificate, or says a wrong password."""
        kinds = {"wrong password": "right", "unknown": "none", "disabled": "shut",
                 "by certificate": "cert"}
        times = {kind: {"message 1": [], "message 3": []} for kind in kinds}
        order = list(kinds) * ROUNDS
        random.Random(7).shuffle(order)
        statuses = set()
        for at, kind in enumerate(order):
            number = order[:at].count(kind) % EACH
            stranger = self.stranger("t3", f"{kinds[kind]}-{number}@abc.com", "wrong")
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

    # Who guesses

    def attempted(self, node, subscriber, password=PASSWORD):
        """The status of the answer to message 3."""
        stranger = self.stranger(node, subscriber, password)
        second = stranger.ask_clear(stranger.first())
        answer = stranger.ask_clear(stranger.third(second))
        stranger.close()
        return answer and answer.status

    def guesses(self):
        """One with a wrong password, and others behind the same address, as behind a carrier's NAT."""
        before, found = len(self.log()), []
        while 503 not in found and len(found) < GUESSES_AT_MOST:
            found.append(self.attempted("t3", USER_B, "wrong"))
        self.run.check(f"after {len(found) - 1} wrong passwords no more are looked at",
                       len(found) > GUESSED_AT_ONCE and
                       found == [403] * (len(found) - 1) + [503], found)
        self.told("of user-b@abc.com: unavailable, its source was wrong about this subscriber too often",
                  before)
        self.is_counted("key exchange", "its source was wrong about this subscriber too often")
        self.is_counted("key exchange", "the password is wrong")
        self.run.equal("another subscriber attaches from the same address",
                       self.attempted("t3", USER_A), 200)
        self.run.equal("and the one who is guessed at, from his own", self.attempted("t1", USER_B), 200)

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
        self.slow_reader()
        for reason in ("a line that is not JSON", "a line without a command", "a line longer than 64 KB",
                       "a command that there is not"):
            self.is_counted("admin socket", reason)
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
            link.send(b'{"command": "show')
        self.run.check(f"while {len(links)} hold half a line the operator is served",
                       self.gateway.ctl("show", "status", check=False).returncode == 0)
        self.is_counted("admin socket", "the one silent for longest was closed")
        for link in links:
            link.close()
        wait_until(lambda: self.gateway.ctl("show", "status", check=False).returncode == 0,
                   READY_S, "after 200 silent connections the operator is served")

    def is_counted(self, of, reason):
        """The operator reads it, and the log has it, too."""
        def found():
            return sum(row["count"] for row in self.gateway.ask("show refusals")
                       if row["of"] == of and reason in row["reason"])
        self.run.check(f"the operator reads of the {of}: {reason}", comes_true(lambda: found() > 0, TOLD_S))
        self.run.check("      and so does the log", comes_true(lambda: reason in self.log(), TOLD_S))

    def slow_reader(self):
        """Who asks and asks and reads nothing is not read; others are served."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as link:
            link.settimeout(SILENT_S)
            link.connect(str(self.gateway.admin_socket))
            sent = 0
            try:
                while sent < ASKED_AT_MOST:
                    sent += link.send(b'{"command": "show status"}\n' * 1000)
            except TimeoutError:
                pass
            self.run.check(f"who reads no answers is stopped ({sent} bytes)", sent < ASKED_AT_MOST)
            self.run.check("      and the operator is served",
                           self.gateway.ctl("show", "status", check=False).returncode == 0)

    def garbage_to_the_data_plane(self):
        """Its contract socket: a second client, and garbage while the control plane is gone."""
        path = str(self.gateway.contract_socket)

        def connect():
            link = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            link.settimeout(ANSWER_S)
            link.connect(path)
            return link

        second = connect()
        self.run.equal("a second client is sent away", second.recv(10), b"")
        second.close()
        self.gateway.kill_controlplane()
        good = contract.Header(contract.MAGIC, contract.VERSION, contract.DUMP,
                               ctypes.sizeof(contract.Dump), 1)
        link = connect()
        for data in (os.urandom(300), b"\0" * 64, bytes(good)[:7], bytes(good),
                     bytes(contract.Header(contract.MAGIC, contract.VERSION + 1, contract.DUMP, 16, 1)),
                     bytes(contract.Header(contract.MAGIC, contract.VERSION, 99, 16, 1)),
                     whole(contract.Dump(kind=contract.DUMP_SAS), contract.DUMP, 1)):
            link.send(data)
            self.run.check("garbage is answered with a refusal",
                           contract.Answer.from_buffer_copy(link.recv(65536)).result != contract.RESULT_OK)
        link.send(bytes(good) + bytes(contract.PACKET_BYTES))
        self.run.equal("who sends more than a packet is sent away", link.recv(65536), b"")
        link.close()
        self.gateway.start_controlplane()
        wait_until(lambda: self.gateway.ask("show status")["dataplane"], READY_S,
                   "the honest control plane is back")
        counters = {row["name"]: row["value"] for row in self.gateway.ask("show counters")}
        for name in ("client_second", "message_early", "message_malformed", "message_unknown",
                     "message_version", "packet_long"):
            self.run.check(f"the data plane has counted contract_{name}", counters[f"contract_{name}"] > 0)
        said = self.gateway.dataplane.output()
        self.run.equal("and has said once that a message was malformed",
                       said.count("at the contract socket: a message was malformed"), 1)

    def greets_and_lies(self, listener, welcome):
        """A good WELCOME, then another, and answers to nothing."""
        connection, _ = listener.accept()
        connection.settimeout(ANSWER_S)
        connection.recv(65536)
        answer = whole(contract.Answer(), contract.ANSWER, 7777)
        for data in (welcome, welcome, answer, answer):
            connection.send(data)
        self.is_counted("data plane", "a second WELCOME")
        self.is_counted("data plane", "an answer to nothing that it was asked")
        connection.close()

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
        welcome = whole(contract.Welcome(workers=1, sa_capacity=64, binding_capacity=64),
                        contract.WELCOME, 1)
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
        self.greets_and_lies(listener, welcome)
        listener.close()
        path.unlink()
        self.run.check(f"contract socket: {len(lies)} lies are survived",
                       self.gateway.controlplane.is_alive())
        self.is_counted("data plane", "the data plane sent a malformed message")
        self.is_counted("data plane", "another version of the contract")
        self.run.equal("and the operator is served",
                       self.gateway.ctl("show", "status", check=False).returncode, 0)
        self.find_the_honest_one()

    def data_plane_of_what_is_not(self):
        """A control plane that begins anew meets one that greets well and tells of SAs there cannot be, then
        of SAs that nobody has."""
        self.gateway.stop_dataplane()
        self.gateway.kill_controlplane()
        path = self.gateway.contract_socket
        path.unlink(missing_ok=True)
        liar = LyingDataPlane(path, READY_S)
        liar.start()
        self.gateway.start_controlplane()
        self.run.check("a control plane asks a data plane what it has", liar.is_asked.wait(READY_S))
        self.what_may_be_short_is_told()
        liar.may_finish.set()
        self.run.check("and it tells", liar.is_restored.wait(READY_S))
        self.gateway.settle()  # the liar answers in order: what it has told is read
        status = self.gateway.show("status")
        self.run.equal("and believes in no SA beyond the table", (status["sas"], status["restoring"]),
                       (0, False))
        done = self.gateway.ctl("--json", "show", "registrations")
        self.run.equal("      and who is registered is all", (done.stdout.strip(), done.stderr), ("[]", ""))
        liar.lie()
        self.is_counted("request", "it came by an SA that nobody has")
        self.gateway.settle()
        status = self.gateway.show("status")
        self.run.equal(f"{liar.said} lies make no SA and no registration",
                       (status["sas"], status["bindings"], self.gateway.show("registrations")), (0, 0, []))
        self.run.check("      and the control plane has stayed", self.gateway.controlplane.is_alive()
                       and self.gateway.show("status")["dataplane"])
        liar.close()
        path.unlink(missing_ok=True)
        self.find_the_honest_one()

    def what_may_be_short_is_told(self):
        """While a control plane that began anew does not know all who are registered, it says so."""
        short = "not all of them may be here yet"
        shown = self.gateway.ctl("show", "registrations").stdout.splitlines()
        self.run.check("until then the registrations are shown as perhaps not all, in one line",
                       len(shown) == 2 and shown[0] == "nobody is registered" and short in shown[1], shown)
        done = self.gateway.ctl("--json", "show", "registrations")
        self.run.check("      with --json beside the list", json.loads(done.stdout) == []
                       and short in done.stderr, [done.stdout, done.stderr])
        self.run.equal("      and in the status", self.gateway.show("status")["restoring"], True)

    def find_the_honest_one(self):
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
        play.times_of_refusals()
        play.guesses()
        play.admin_garbage()
        play.garbage_to_the_data_plane()
        play.lying_data_plane()
        play.data_plane_of_what_is_not()
        play.opens_too_often()
    return run.status


if __name__ == "__main__":
    sys.exit(main())
