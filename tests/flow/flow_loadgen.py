#!/usr/bin/python3
"""A few hundred simulated terminals of sekisho-loadgen against a gateway, over a shared-memory
wire.

              memif
    loadgen ========= gwa
    300 terminals     their keys from the same file

Its counts and the gateway's must agree to the last message: calls, MESSAGEs, a flood in between.
How long anything took is nobody's business here.
"""

import hmac
import pathlib
import re
import sys

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parent.parent.parent / "bench/harness"),
                str(pathlib.Path(__file__).resolve().parent),
                str(pathlib.Path(__file__).resolve().parent.parent)]
import configs
from checklist import Checklist
import subscribers
from gateway import Gateway, make_terminals, memif
from lab import Lab, LabError, run, wait_until
from loadgen import Loadgen
from sekisho_flow import build_directory

TERMINALS = 300
# Rates that a machine that is busy with other things keeps up with.
CALLS = 200
MESSAGES = 1000
SECONDS = 2
DRAIN = 30
# Of the terminals that attach: those that call meanwhile, and those that come.
CALLERS = 20
ATTACHING = 100
FRAMES = 200


def total(counts):
    return sum(counts.values())


def judge(checks, what, report):
    """What every report must say: nothing lost, nothing wrong."""
    checks.equal(f"{what}: nothing is lost",
                 (report["lost"], report["warmup_lost"], report["refused"]), (0, 0, 0))
    checks.equal(f"{what}: everything that came back is right", report["complaint"], {})
    checks.equal(f"{what}: nothing came through that must not", report["escaped"], 0)


def nodes(gateway):
    return {row["name"]: row["value"] for row in gateway.show("counters") if row["worker"] == 0}


def calls(checks, gateway, loadgen):
    before = nodes(gateway)
    report = loadgen.do("call", rate=CALLS, seconds=SECONDS, warmup=0, drain=DRAIN)
    made = CALLS * SECONDS
    checks.equal("every call is set up and ended", report["completed"], {"call": made})
    judge(checks, "calls", report)
    checks.equal("a call is five messages", report["delivered_messages"], 5 * made)
    for node, each in (("sk_esp_open", 5), ("sk_esp_seal", 5), ("sk_rewrite", 3),
                       ("sk_response", 2), ("sk_policy", 1)):
        checks.becomes(f"{node} has seen {each} of each call",
                       lambda node=node: nodes(gateway)[node] - before[node], each * made)


def messages(checks, gateway, loadgen):
    report = loadgen.do("message", rate=MESSAGES, seconds=SECONDS, warmup=0.1, drain=DRAIN)
    checks.equal("every MESSAGE is delivered", report["completed"],
                 {"message": MESSAGES * SECONDS})
    judge(checks, "MESSAGEs", report)
    checks.equal("no time was taken for one that did not come", report["delivery"]["count"],
                 MESSAGES * SECONDS)


def flood(checks, gateway, loadgen):
    before = gateway.drops()
    report = loadgen.do("message", rate=MESSAGES, seconds=SECONDS, warmup=0, drain=DRAIN,
                        spoofed=200, replayed=100, forged=100, scanner=100)
    offered = report["offered"]
    judge(checks, "a flood", report)
    checks.check("all kinds of hostile ones were sent",
                 all(offered.get(kind, 0) > 0
                     for kind in ("spoofed", "replayed", "forged", "scanner")), offered)
    checks.equal("everything is in the count", total(offered), MESSAGES * SECONDS)
    checks.equal("every legitimate one is delivered", report["completed"]["message"],
                 offered["message"])
    checks.equal("every spoofed one is answered 403", report["completed"]["spoofed"],
                 offered["spoofed"])
    for kind, reason in (("replayed", "esp_replay"), ("forged", "esp_icv"),
                         ("scanner", "clear_not_admitted")):
        checks.becomes(f"every {kind} one is dropped as {reason}",
                       lambda reason=reason: gateway.drops().get(reason, 0) - before.get(reason, 0),
                       offered[kind])


def attaching(checks, family):
    """Terminals without static keys: by key exchange, while two that have them call each other."""
    with Lab(build_directory(), configs.uses_hugepages()) as lab:
        wire = lab.make_directory("wire")
        everybody = make_terminals(lab, wire, CALLERS + ATTACHING, family)
        callers = lab.make_directory("callers") / "terminals.yaml"
        callers.write_text(everybody.read_text().replace(f"count: {CALLERS + ATTACHING}\n",
                                                         f"count: {CALLERS}\n"))
        callers.chmod(0o600)
        gateway = Gateway(lab, memif(wire, "server"), callers, CALLERS + 2 * ATTACHING + 64, family,
                          cores=None, **{"password-iterations": subscribers.ITERATIONS})
        gateway.start()
        subscribers.add(gateway, CALLERS + 1, ATTACHING)
        loadgen = Loadgen(lab, memif(wire, "client"), everybody, family, core=None)
        report = loadgen.do("attach", first=CALLERS + 1, terminals=ATTACHING, window=8, seconds=60,
                            callers=CALLERS, calls=20)
        checks.equal("every terminal attaches and registers",
                     (report["registered"], report["refused"], report.get("complaint")),
                     (ATTACHING, 0, None))
        checks.equal("the gateway holds all of them", gateway.show("status")["bindings"],
                     CALLERS + ATTACHING)
        checks.check("there were calls meanwhile", report["calls_offered"] > 0)
        checks.equal("no call was lost", (report["calls_lost"], report["calls_complaints"]), (0, 0))
        report = loadgen.do("register", rate=50, seconds=1, warmup=0, drain=DRAIN,
                            terminals=CALLERS + ATTACHING)
        judge_refreshes(checks, report)
        checks.equal("the generator ends with status 0", loadgen.stop(), 0)


def judge_refreshes(checks, report):
    """Callers have no subscriber in the store: their REGISTER is refused, the others' is not."""
    checks.equal("who attached may refresh, whom only a file knows may not",
                 report["completed"].get("register", 0) + report["complaints"],
                 report["offered"]["register"])
    checks.check("some did", report["completed"].get("register", 0) > 0, report)


def capture(checks, family):
    """A capture, sent in a loop as Pktgen would: each round is forwarded to the last frame."""
    with Lab(build_directory(), configs.uses_hugepages()) as lab:
        wire = lab.make_directory("wire")
        terminals = make_terminals(lab, wire, TERMINALS, family, "--no-replay-window")
        run([lab.program("bench/loadgen/sekisho-loadgen"), "--make-pcap", wire / "in.pcap",
             "--terminals", terminals, "--frames", FRAMES])
        opened = captured_messages(wire / "in.pcap", terminals, family)
        checks.equal("scapy opens every frame of the capture", len(opened), FRAMES)
        checks.check("each holds a MESSAGE",
                     all(text.startswith(b"MESSAGE sip:t") for text in opened))
        gateway = Gateway(lab, f"net_pcap0,rx_pcap={wire}/in.pcap,infinite_rx=1", terminals,
                          TERMINALS + 1, family, cores=None)
        gateway.start()
        gateway.set_router("02:00:00:00:00:01")
        drops_before, before = settled_drops(gateway), nodes(gateway)
        wait_until(lambda: nodes(gateway)["sk_tx"] >= before["sk_tx"] + 3 * FRAMES, DRAIN,
                   "the capture goes round three times")
        drops = gateway.drops()
        new = {reason: count - drops_before.get(reason, 0) for reason, count in drops.items()
               if count != drops_before.get(reason, 0)}
        checks.equal("every frame of it is sent on, its number used before or not", new, {})


def settled_drops(gateway):
    """Returns what is dropped once it is no more, though the capture has gone round meanwhile: all
    terminals are put, the router's MAC is known."""
    seen = []

    def is_settled():
        before, sent = gateway.drops(), nodes(gateway)["sk_tx"]
        wait_until(lambda: nodes(gateway)["sk_tx"] >= sent + 2 * FRAMES, DRAIN, "it goes round")
        seen[:] = [gateway.drops()]
        return seen[0] == before
    wait_until(is_settled, DRAIN, "terminals and router are known")
    return seen[0]


def captured_messages(path, terminals, family):
    """Returns the SIP in each frame of a capture, opened by scapy with keys derived here."""
    from scapy.layers.inet import IP
    from scapy.layers.inet6 import IPv6
    from scapy.layers.ipsec import ESP, SecurityAssociation
    from scapy.utils import rdpcap
    secret = bytes.fromhex(re.search(r'^secret: "(\w+)"$', terminals.read_text(), re.M).group(1))
    texts = []
    for frame in rdpcap(str(path)):
        packet = frame[IPv6] if family == 6 else frame[IP]
        spi = packet[ESP].spi
        info = b"sekisho static terminal" + (spi & 0xffffff).to_bytes(4, "big") + b"\x01"
        key = hmac.digest(secret, info + b"\x01", "sha256")[:20]  # HKDF-Expand, RFC 5869 2.3
        sa = SecurityAssociation(ESP, spi=spi, crypt_algo="AES-GCM", crypt_key=key, esn_en=True)
        opened = sa.decrypt(packet)
        texts.append(bytes(opened["UDP"].payload))
    return texts


def warnings(checks, gateway):
    checks.check("the log warns of keys in a file",
                 "UNSAFE STATIC KEYS" in gateway.controlplane.output())
    checks.check("so does the status",
                 "UNSAFE STATIC KEYS" in gateway.show("status").get("warning", ""))


def scenario(checks, family):
    with Lab(build_directory(), configs.uses_hugepages()) as lab:
        wire = lab.make_directory("wire")
        terminals = make_terminals(lab, wire, TERMINALS, family)
        gateway = Gateway(lab, memif(wire, "server"), terminals, TERMINALS + 1, family, cores=None)
        gateway.start()
        warnings(checks, gateway)
        loadgen = Loadgen(lab, memif(wire, "client"), terminals, family, core=None)
        calls(checks, gateway, loadgen)
        messages(checks, gateway, loadgen)
        flood(checks, gateway, loadgen)
        checks.equal("the generator ends with status 0", loadgen.stop(), 0)
        checks.equal("the control plane ends with status 0", gateway.controlplane.stop(), 0)
        checks.equal("the data plane ends with status 0", gateway.dataplane.stop(), 0)
    checks.equal("no directory of DPDK's is left of either", lab.left_by_dpdk, [])


def main():
    checks = Checklist()
    try:
        for family in (6, 4):
            scenario(checks, family)
            capture(checks, family)
        attaching(checks, 6)
    except LabError as error:
        checks.check(f"the scenario runs to its end: {error}", False)
    return checks.close()


if __name__ == "__main__":
    sys.exit(main())
