#!/usr/bin/python3
"""A terminal behind a real NAT whose mapping changes in mid-call, and who would profit from that.

    t1 ------- to-t1 +--------------+ to-gwa ------- gwa  abc.com
  user-a@abc.com     | router, NAT  |
    t3 ------- to-t3 +--------------+
  user-b@abc.com, and an attacker

The NAT (nft masquerade) gives each mapping a port at random and forgets it after two seconds of
silence. What the terminal sends afterwards comes from another port: the gateway asks there, inside
the SA, and sends there once it was answered. Whoever sends the terminal's packets from somewhere
else is asked too, and cannot answer.
"""

import ipaddress
import json
import pathlib
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
from sekisho_flow import Scenario
from topology import READY_S, ROUTER, SINGLE_GATEWAY, T1, GWA, T3, comes_true, wait_until

from scapy.layers.inet import IP, UDP
from scapy.utils import rdpcap

USER_A, USER_B = "user-a@abc.com", "user-b@abc.com"
POOL = "10.77.0.0/24"
MAPPING_S = 2
NAT = f"""
table ip nat {{
	chain out {{
		type nat hook postrouting priority srcnat; policy accept;
		ip saddr {T1.ipv4} oifname "to-gwa" masquerade fully-random
	}}
}}
table ip hold {{
	chain forward {{
		type filter hook forward priority 0; policy accept;
	}}
}}
"""
HOLD = f'add rule ip hold forward ip saddr {T1.ipv4} udp dport 4500 drop'
SEND = """
import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind((sys.argv[1], 0))
for line in sys.stdin:
    s.sendto(bytes.fromhex(line.strip()), (sys.argv[2], 4500))
"""


def nft(run, text):
    run.topology.exec(ROUTER, ["nft", "-f", "-"], input=text)


def nat_start(run):
    nft(run, NAT)
    run.topology.set_sysctls(ROUTER, {
        "net.netfilter.nf_conntrack_udp_timeout": MAPPING_S,
        "net.netfilter.nf_conntrack_udp_timeout_stream": MAPPING_S,
    })


def sa_of(gateway, aor):
    """Returns the newest SA of a subscriber as the data plane has it."""
    return [sa for sa in gateway.show("sas") if sa["who"] == aor][-1]


def outer_of(gateway):
    return sa_of(gateway, USER_A)["outer"]


def has_moved(gateway, before):
    """Waits until the SA goes somewhere else."""
    return comes_true(lambda: outer_of(gateway) != before)


def is_seen(one, address):
    return comes_true(lambda: one.show().get("seen", "").startswith(address + ":"))


def attach(run, gateway, one):
    one.start()
    run.check("the terminal registers through the NAT", one.wait_for("registered", seconds=60))
    sa = sa_of(gateway, USER_A)
    inner = ipaddress.ip_address(sa["inner"].rpartition(":")[0])
    run.equal("by a tunnel in UDP", sa["mode"], "udp-tunnel")
    run.check("with an inner address of the gateway's pool", inner in ipaddress.ip_network(POOL),
              sa["inner"])
    run.check("and none of the NAT's", sa["inner"].split(":")[0] not in (GWA.router4, T1.ipv4))
    run.check("the gateway sends to the NAT, not to port 4500 of it",
              sa["outer"].startswith(GWA.router4 + ":") and not sa["outer"].endswith(":4500"),
              sa["outer"])
    run.check("and knows from where it is seen, once it was told",
              is_seen(one, GWA.router4), one.show().get("seen"))
    run.check("status says so in words", "behind a NAT" in one.do("status").stdout)
    return str(inner)


def mapping_changes_in_mid_call(run, gateway, one, two, inner):
    run.check("a call is answered", one.is_done("call", USER_B))
    before = outer_of(gateway)
    time.sleep(MAPPING_S + 1.5)
    waiting = two.begin("--json", "wait", "message")
    run.check("the terminal is heard from its new port",
              one.is_done("message", USER_B, "still here"))
    status, printed = two.finish(waiting)
    path = json.loads(printed)["path"] if status == 0 else []
    run.equal("the road shows inner addresses only, never the NAT's",
              [hop["address"] for hop in path], [inner, GWA.ipv4])
    run.check("the SA goes to the new port", has_moved(gateway, before), outer_of(gateway))
    run.check("the other side's BYE reaches it", two.is_done("hangup"))
    run.check("and ends the call", one.wait_for("ended"))


def packets_of(path, source):
    return [packet for packet in rdpcap(str(path))
            if IP in packet and packet[IP].src == source and UDP in packet
            and packet[UDP].dport == 4500]


def send_as_attacker(run, payloads):
    run.topology.exec(T3.name, ["/usr/bin/python3", "-c", SEND, T3.ipv4, GWA.ipv4],
                      input="".join(payload.hex() + "\n" for payload in payloads))


def drops_of(gateway, name):
    return gateway.drops().get(name, 0)


def attacker_replays(run, gateway, one, capture):
    """What has been seen before comes again from elsewhere."""
    capture.stop()
    before, replays = outer_of(gateway), drops_of(gateway, "esp_replay")
    payloads = [bytes(packet[UDP].payload) for packet in packets_of(capture.path, T1.ipv4)]
    esp = [payload for payload in payloads if len(payload) > 8][-20:]
    run.check("the wire had packets of the terminal's", len(esp) > 3, len(esp))
    send_as_attacker(run, esp)
    wait_until(lambda: drops_of(gateway, "esp_replay") > replays, READY_S,
               "the replays are counted")
    time.sleep(1)
    run.equal("replays from another address move nothing", outer_of(gateway), before)


def attacker_is_first(run, gateway, one):
    """A packet of the terminal's is held back, and comes from the attacker before anybody saw
    it."""
    capture = run.topology.capture_device(ROUTER, "to-t1")
    before, probes = outer_of(gateway), drops_of(gateway, "esp_probe")
    listening = run.topology.capture_device(ROUTER, "to-t3")
    nft(run, HOLD)
    # an SA has one packet of the gateway's own a second: none of this one's is spent
    time.sleep(1.2)

    def messages():  # not the question from where it is seen, nor keepalives
        return [bytes(packet[UDP].payload) for packet in packets_of(capture.path, T1.ipv4)
                if len(packet[UDP].payload) > 200]

    held = one.begin("message", USER_B, "from elsewhere", seconds=60)
    wait_until(messages, READY_S, "the terminal has sent")
    send_as_attacker(run, [messages()[0]])

    def questions():
        return [packet for packet in rdpcap(str(listening.path))
                if IP in packet and packet[IP].src == GWA.ipv4 and packet[IP].dst == T3.ipv4
                and UDP in packet]  # his neighbour's own packets are plain ESP
    run.check("the attacker is asked", comes_true(questions))
    time.sleep(1.5)
    asked = questions()
    run.equal("and gets nothing but that one small question", len(asked), 1)
    run.equal("nothing goes to him", outer_of(gateway), before)
    run.equal("nobody has answered", drops_of(gateway, "esp_probe"), probes)
    send_as_attacker(run, [bytes(asked[0][UDP].payload)] if asked else [])  # his own question back
    nft(run, "flush chain ip hold forward")
    status, printed = one.finish(held)
    run.equal("the terminal goes on", (status, printed), (0, printed))
    run.check("the SA is still the terminal's", outer_of(gateway).startswith(GWA.router4 + ":"))
    capture.stop()
    listening.stop()


def keepalives(run, gateway):
    """One byte keeps the mapping open; it is no message and moves nothing (RFC 3948 2.3)."""
    before, count = outer_of(gateway), drops_of(gateway, "esp_keepalive")
    send_as_attacker(run, [b"\xff"] * 5)
    wait_until(lambda: drops_of(gateway, "esp_keepalive") >= count + 5, READY_S,
               "keepalives are counted")
    run.equal("keepalives from anywhere move nothing", outer_of(gateway), before)
    markers = drops_of(gateway, "esp_non_esp_marker")
    send_as_attacker(run, [bytes(4) + b"IKE is not spoken here"])
    wait_until(lambda: drops_of(gateway, "esp_non_esp_marker") > markers, READY_S,
               "IKE is counted")


def main():
    run = Scenario(SINGLE_GATEWAY, families=(4,))
    with run:
        nat_start(run)
        gateway = run.gateway("gwa", "abc.com", family=4, **{"inner-addresses": [POOL]})
        gateway.start()
        gateway.add_subscriber(USER_A, "correct horse a")
        gateway.add_subscriber(USER_B, "correct horse b")
        gateway.ctl("policy", "add", 10, "allow", "@abc.com", "@abc.com", "any")
        capture = run.topology.capture_device(ROUTER, "to-t1")
        one = run.terminal("t1", gateway, USER_A, "correct horse a", family=4,
                           **{"keep-alive": "60s"})
        two = run.terminal("t3", gateway, USER_B, "correct horse b", family=4)
        two.start("--auto-answer")
        run.check("terminal 3 is registered", two.wait_for("registered"))
        inner = attach(run, gateway, one)
        mapping_changes_in_mid_call(run, gateway, one, two, inner)
        attacker_replays(run, gateway, one, capture)
        attacker_is_first(run, gateway, one)
        keepalives(run, gateway)
        run.check("a message of 14,000 bytes passes to the terminal",
                  one.is_done("message", USER_B, "ping")
                  and two.is_done("message", USER_A, "z" * 14000))
        run.check("and one from it", one.is_done("message", USER_B, "z" * 14000))
    return run.status


if __name__ == "__main__":
    sys.exit(main())
