#!/usr/bin/python3
"""A denied callee and one that does not exist cannot be told apart by time, over 15,000 answers:
one whom a rule denies by name, one whom it denies by a pattern, and one who is unknown.

         t1 ---- to-t1 +--------+ to-gwa ---- gwa  abc.com
     user-a@abc.com    | router |
                       +--------+

The terminal is tests/flow/stranger.py. Every INVITE is sealed beforehand, so that what is timed is
the way of one ESP packet to the gateway and of its answer back.
"""

import pathlib
import random
import select
import statistics
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
import forge_esp
from sekisho_flow import Scenario
from stranger import Stranger
from topology import GWA, T1

RUNS = 15000
USER, PASSWORD = "user-a@abc.com", "correct horse a"
# Of one length: the length of an answer is not what is compared here.
DENIED, DENIED_BY_PATTERN, UNKNOWN = "user-d@abc.com", "user-e@abc.com", "user-x@abc.com"
CALLEES = (DENIED, DENIED_BY_PATTERN, UNKNOWN)
# Between runs of two like populations of 5,000 the guess is right in 0.5 of all cases, with a
# standard error of 0.006: this is five of them.
GUESS_BOUND = 0.03
ANSWER_S = 1.0


def seal(stranger, message):
    """What stranger.sealed() makes, without scapy, which takes a millisecond for each."""
    stranger.seq_out += 1
    key = stranger.sa_out.crypt_key + stranger.sa_out.crypt_salt
    return forge_esp.sealed(stranger.spi_out, key, stranger.seq_out,
                            forge_esp.udp(stranger.address, stranger.gateway, message),
                            forge_esp.UDP)


def check_sealing(run, stranger):
    """Both ways to seal make the same bytes, with a body of odd and of even length."""
    for body in (b"", b"x"):
        message = stranger.request("INVITE", f"sip:{UNKNOWN}", body=body)
        number = stranger.seq_out + 1
        run.equal("a packet is sealed as scapy seals it", seal(stranger, message),
                  stranger.sealed(message, number=number))


def timed(stranger, sealed):
    """Sends one packet; returns (seconds until the answer, its length), None if there is none."""
    begin = time.perf_counter_ns()
    stranger.send_esp(sealed)
    if not select.select([stranger.esp], [], [], ANSWER_S)[0]:
        return None
    answer = stranger.esp.recv(65536)
    return (time.perf_counter_ns() - begin) / 1e9, len(answer)


def guess(one, other):
    """Returns how often the larger of two times, one of each, belongs to other: 0.5 if they are
    alike (the Mann-Whitney statistic as a share)."""
    ranked = sorted([(value, 0) for value in one] + [(value, 1) for value in other])
    ranks = sum(rank for rank, (_, kind) in enumerate(ranked, 1) if kind)
    return (ranks - len(other) * (len(other) + 1) / 2) / (len(one) * len(other))


def check_that_it_can_tell(run):
    """A difference of a tenth of the spread must be seen, none where there is none."""
    source = random.Random(1)
    one, other = ([source.gauss(0, 1) for _ in range(RUNS // 3)] for _ in range(2))
    run.check("two like populations are found alike", abs(guess(one, other) - 0.5) < GUESS_BOUND)
    run.check("a delay of an eighth of the spread is found",
              abs(guess(one, [value + 0.125 for value in other]) - 0.5) > GUESS_BOUND)


def ask_all(run, stranger):
    """Asks for every callee in an order that nobody can foresee; returns {callee: times}."""
    callees = [DENIED, DENIED_BY_PATTERN, UNKNOWN] * (RUNS // 3)
    random.shuffle(callees)
    packets = [(callee, seal(stranger, stranger.request("INVITE", f"sip:{callee}", cseq=number)))
               for number, callee in enumerate(callees, 10 * RUNS)]
    times, lengths, lost = {callee: [] for callee in CALLEES}, set(), 0
    for callee, sealed in packets:
        answer = timed(stranger, sealed)
        if answer is None:
            lost += 1
            continue
        times[callee].append(answer[0])
        lengths.add(answer[1])
    run.check(f"nearly every one of {RUNS} is answered ({lost} not)", lost < RUNS / 1000)
    run.equal("nobody can tell by length: all answers have one", len(lengths), 1)
    return times


def main():
    run = Scenario((T1, GWA), families=(6,))
    with run:
        check_that_it_can_tell(run)
        gateway = run.gateway("gwa", "abc.com")
        gateway.start()
        gateway.add_subscriber(USER, PASSWORD)
        for callee in (DENIED, DENIED_BY_PATTERN):
            gateway.add_subscriber(callee, "correct horse d")
        gateway.ctl("policy", "add", 30, "deny", "any", DENIED)
        gateway.ctl("policy", "add", 20, "deny", "any", "~user-[e-h]@abc\\.com")
        gateway.ctl("policy", "add", 10, "allow", USER, "@abc.com")
        stranger = Stranger(run.topology.netns("t1"), T1, GWA, "abc.com", USER, PASSWORD)
        stranger.attach()
        run.equal("the terminal registers", stranger.register().status, 200)
        for callee in CALLEES:
            answer = stranger.ask(stranger.request("INVITE", f"sip:{callee}"))
            run.equal(f"{callee} gets 404", answer.status if answer else None, 404)
        check_sealing(run, stranger)
        times = ask_all(run, stranger)
        for callee, found in times.items():
            print(f"        {callee}: median {statistics.median(found) * 1e6:.1f} us, "
                  f"{len(found)} answers")
        for callee in (DENIED, DENIED_BY_PATTERN):
            right = guess(times[callee], times[UNKNOWN])
            print(f"        who guesses by time is right in {max(right, 1 - right):.4f} of all cases")
            run.check(f"nobody can tell by time that {callee} exists",
                      abs(right - 0.5) < GUESS_BOUND)
        stranger.close()
    return run.status


if __name__ == "__main__":
    sys.exit(main())
