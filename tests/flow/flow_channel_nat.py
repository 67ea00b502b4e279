#!/usr/bin/python3
"""The data channel through NATs: each terminal of its own, of one side only, and one that lets
none.

    t1 ---- n1 ------- to-n1 +--------+ to-gwa ------- gwa  abc.com
  user-a@abc.com             | router |
    t3 ---- n3 ------- to-n3 +--------+
  user-b@abc.com

n1 and n3 are the routers of two homes (homes.py). Each routes, or is a NAT.
"""

import hashlib
import pathlib
import random
import re
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
import captured
import homes
from data_channel import Channel, copy_file, open_channel, ping
from homes import CONE, SYMMETRIC
from sekisho_flow import Scenario
from sipp import Sipp
from topology import GWA, Node, ROUTER, SINGLE_GATEWAY, T1, T3, comes_true

USER_A, USER_B = "user-a@abc.com", "user-b@abc.com"
POOL = "10.77.0.0/24"
N1 = Node("n1", "terminal", "2001:1::10", "2001:1::1", "198.18.11.10", "198.18.11.1")
N3 = Node("n3", "terminal", "2001:3::10", "2001:3::1", "198.18.13.10", "198.18.13.1")
NODES = (*SINGLE_GATEWAY, N1, N3)
HOME = {"t1": homes.of_terminal(T1, N1), "t3": homes.of_terminal(T3, N3)}
OUTSIDE = {name: home.outside for name, home in HOME.items()}
FILE_BYTES = 1_000_000
NO_WAY_S = 60.0  # TUNNEL_CONFIRM_MS, and the machine's load
MOVED_S = 40.0


def restart(run, **flavours):
    """Both terminals attach anew through these NATs."""
    for terminal in run.terminals.values():
        terminal.stop()
    for name, home in HOME.items():
        homes.set_nat(run, home, flavours.get(name, homes.ROUTED))
    for terminal in run.terminals.values():
        terminal.start("--auto-answer")
    for terminal in run.terminals.values():
        run.check(f"{terminal.aor} is registered", terminal.wait_for("registered", seconds=60))
    for name in flavours:
        wait_for(run, f"{name} learns from the gateway where it is seen",
                 lambda name=name: OUTSIDE[name] in run.terminals[name].show().get("seen", ""))


def wait_for(run, sentence, is_true, seconds=MOVED_S):
    return run.check(sentence, comes_true(is_true, seconds))


def use(run, one, two):
    data = random.Random(9).randbytes(FILE_BYTES)
    for family in (6, 4):
        run.check(f"ping over IPv{family} from the caller", ping(run, one, two, family))
        run.check(f"ping over IPv{family} from the callee", ping(run, two, one, family))
    run.equal("a file is copied whole", copy_file(run, one, two, 6, data),
              hashlib.sha256(data).hexdigest())
    run.equal("and one the other way", copy_file(run, two, one, 4, data),
              hashlib.sha256(data).hexdigest())


def call(run, caller, callee, expected, sentence):
    """A call whose channel must go by these places, {name: where the other side is for it}."""
    captures = run.topology.capture("gwa")
    one, two = open_channel(run, run.terminals[caller], run.terminals[callee])
    places = {name: Channel.of(run, name).report["peer"] for name in (caller, callee)}
    run.check(f"{sentence}: the way is {places}",
              all(re.fullmatch(expected[name], places[name] or "") for name in places))
    use(run, one, two)
    judge_gateway(run, captures["gwa"])
    return one, two


def judge_gateway(run, capture):
    """Nothing of the channel is at the gateway."""
    capture.stop()
    datagrams = [captured.dissect(frame.bytes) for frame in captured.read_pcap(capture.path)]
    total = sum(len(datagram.payload) for datagram in datagrams)
    run.check(f"at the gateway there was signalling only ({total} bytes)",
              0 < total < FILE_BYTES / 10)
    run.check("and every packet there was the gateway's or to it",
              all(GWA.ipv4 in (datagram.source, datagram.destination) for datagram in datagrams
                  if "." in (datagram.source or "")))  # IPv6 is its neighbours' only


def hang_up(run, caller="t1"):
    run.check("the call ends", run.terminals[caller].is_done("hangup"))
    for terminal in run.terminals.values():
        run.check(f"and the channel of {terminal.aor} with it", terminal.wait_for("channel-down"))


def mapping_changes(run, one, two):
    """The NAT of one side forgets and gives another port: the other side follows, in the
    channel."""
    homes.set_nat(run, HOME["t1"], SYMMETRIC)
    followed = run.terminals["t3"].wait_for("channel-moved", MOVED_S)
    run.check("the other side follows to the NAT's new port",
              followed and OUTSIDE["t1"] in followed["text"] and ":4500" not in followed["text"],
              followed)
    run.check("and ping goes on", wait_for(run, "ping passes again",
                                           lambda: ping(run, one, two, 6)))
    run.check("keys are renewed through it", run.terminals["t1"].is_done("rekey"))
    wait_for(run, "both count a renewal", lambda: all(
        Channel.of(run, name).report["counters"]["renewals"] == 1 for name in ("t1", "t3")))
    run.check("and ping passes under them", ping(run, two, one, 4))


def no_way(run):
    """Symmetric NATs on both sides: told clearly, everywhere, and little was sent in trying."""
    one, two = run.terminals["t1"], run.terminals["t3"]
    capture = run.topology.capture_device(HOME["t1"].node.name, run.topology.wire("t1"))
    done = one.do("call", USER_B, seconds=NO_WAY_S)
    run.check("the call is answered, and who called hears that its channel has no way",
              done.returncode == 0 and "call established" in done.stdout
              and "no way to the other side" in done.stdout, done.stdout)
    for terminal in (one, two):
        lost = terminal.wait_for("channel-lost", NO_WAY_S)
        run.check(f"{terminal.aor} is told that there is no way, and why",
                  lost and "no way to the other side" in lost["text"]
                  and "symmetric" in lost["text"], lost)
    shown = one.show()["calls"][0]
    run.check("status says so, too", "symmetric" in shown.get("channel-failure", ""), shown)
    run.check("in words as well", "no way to the other side" in one.do("status").stdout)
    capture.stop()
    probes = [datagram for datagram in (captured.dissect(frame.bytes) for frame in
                                        captured.read_pcap(capture.path))
              if datagram.source == T1.ipv4 and datagram.destination != GWA.ipv4
              and datagram.kind not in ("arp",)]
    run.check(f"at most 100 small packets went out in trying ({len(probes)})",
              0 < len(probes) <= 100
              and all(len(datagram.payload) < 100 for datagram in probes))
    run.check("the call can be ended", one.is_done("hangup"))
    run.check("at both sides", two.wait_for("ended"))
    one.settings["channel"] = "required"
    restart(run, t1=SYMMETRIC, t3=SYMMETRIC)
    done = one.do("call", USER_B, seconds=NO_WAY_S)
    run.check("the call of who requires a channel fails, and why is said",
              done.returncode == 1 and "no way to the other side" in done.stdout, done.stdout)
    run.check("it ends by itself", one.wait_for("ended", NO_WAY_S))
    one.settings["channel"] = "wanted"


def no_way_for_a_client(run):
    """Media in clear would not pass the NAT either: the client's call ends, and why is said."""
    one = run.terminals["t1"]
    one.settings["local"] = {"port": 5060}
    restart(run, t1=SYMMETRIC, t3=SYMMETRIC)
    client = Sipp(run, one, "reoffered_caller", USER_B).start()
    lost = one.wait_for("channel-lost", NO_WAY_S)
    run.check("a client's call ends where no media could pass, and that is said",
              lost and "no way to the other side" in lost["text"]
              and lost["text"].endswith("the call ends, for media in clear would not pass the NAT here"),
              lost)
    ended = one.wait_for("ended", NO_WAY_S)
    run.check("it is ended from here", ended and ended["by"] == "us", ended)
    run.check("the client is told by BYE", wait_for(
        run, "BYE comes to the client",
        lambda: "\nBYE sip:" in (client.directory / "messages").read_text()))
    client.process.stop()


def main():
    run = Scenario(NODES, families=(4,))
    with run:
        for name, home in HOME.items():
            homes.connect(run, name, home)
        gateway = run.gateway("gwa", "abc.com", family=4, **{"inner-addresses": [POOL]})
        gateway.start()
        for aor, name in ((USER_A, "t1"), (USER_B, "t3")):
            gateway.add_subscriber(aor, f"correct horse {name}")
            run.terminal(name, gateway, aor, f"correct horse {name}", family=4)
        gateway.ctl("policy", "add", 10, "allow", "@abc.com", "@abc.com", "any")

        restart(run, t1=CONE)
        one, two = call(run, "t1", "t3", {"t1": T3.ipv4 + ":4500", "t3": OUTSIDE["t1"] + ":4500"},
                        "the caller is behind a NAT")
        mapping_changes(run, one, two)
        hang_up(run)
        restart(run, t1=SYMMETRIC)
        call(run, "t3", "t1", {"t1": T3.ipv4 + ":4500",
                               "t3": OUTSIDE["t1"] + r":(?!4500)\d+"},
             "the callee is behind a symmetric one")
        hang_up(run, "t3")
        restart(run, t1=CONE, t3=CONE)
        call(run, "t1", "t3", {"t1": OUTSIDE["t3"] + ":4500", "t3": OUTSIDE["t1"] + ":4500"},
             "both are behind NATs")
        hang_up(run)
        restart(run, t1=SYMMETRIC, t3=SYMMETRIC)
        no_way(run)
        no_way_for_a_client(run)
    return run.status


if __name__ == "__main__":
    sys.exit(main())
