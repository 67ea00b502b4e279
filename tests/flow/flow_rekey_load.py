#!/usr/bin/python3
"""Keys are renewed inside the SA while 12,000 messages a second are offered, over a shared-memory
wire: none is lost.

              memif
    loadgen ========= gwa
    TERMINALS attached by key exchange; each renews its keys as the job says

Every message is verified and followed to its end by sekisho-loadgen, the gateway's own counts of what
it dropped stand still. How fast it went is printed, and nobody's business here.
"""

import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent.parent / "bench/harness"), str(HERE), str(HERE.parent)]
import configs
from checklist import Checklist
import subscribers
from gateway import Gateway, make_terminals, memif
from lab import Lab, LabError
from loadgen import Loadgen
from sekisho_flow import build_directory

FAMILY = 6
TERMINALS = 200
OFFERED = 12_000  # messages a second
CALL_MESSAGES = 5  # INVITE, 200, ACK, BYE, 200
# Of an SA, either way. Twice as many end it, which no job here sends by one, however late new keys come.
SOFT_PACKETS = 20_000
DRAIN = 30
ATTACH_S = 60
RING = 14  # 2^14 frames of wire, more than a second of them: for times in which one end has no processor


class Play:
    def __init__(self, checks, lab):
        self.checks = checks
        wire = lab.make_directory("wire")
        terminals = make_terminals(lab, wire, TERMINALS, FAMILY)
        # Six SAs of each at once: those of several renewals within the time that old ones are taken.
        self.gateway = Gateway(lab, memif(wire, "server", RING), terminals, 8 * TERMINALS, FAMILY,
                               cores=None, statics=False,
                               **{"password-iterations": subscribers.ITERATIONS,
                                  "lifetimes": {"packets": SOFT_PACKETS}})
        self.gateway.start()
        subscribers.add(self.gateway, 1, TERMINALS)
        self.loadgen = Loadgen(lab, memif(wire, "client", RING), terminals, FAMILY, core=None)

    def attach(self):
        report = self.loadgen.do("attach", window=32, seconds=ATTACH_S)
        self.checks.equal("every terminal attaches and registers",
                          (report["registered"], report["refused"], report.get("complaint")),
                          (TERMINALS, 0, None))

    def renewing(self, what, scenario, least, rekeys, **settings):
        """A job in which keys are renewed: nothing is lost, nothing is wrong. least: so many times."""
        checks, dropped = self.checks, self.gateway.drops()
        report = self.loadgen.do(scenario, warmup=0, drain=DRAIN, rekeys=rekeys, **settings)
        made, renewed = report["rekeys"], report["rekeys"]["done"]
        offered = report["offered"][scenario]
        each = CALL_MESSAGES if scenario == "call" else 1
        print(f"        {what}: {each * report['sent_per_second']:.0f} messages a second,"
              f" {each * offered} in all, {report['lost']} of {offered} lost; {renewed} renewals, p99"
              f" {made['each']['p99_us'] / 1000:.1f} ms; {made['by_old_sa']} came by an old SA")
        checks.equal(f"{what}: all that was to be offered was", offered,
                     int(settings["rate"] * settings["seconds"]))
        checks.equal(f"{what}: each of it came to its end, once", report["completed"],
                     {scenario: offered})
        checks.equal(f"{what}: none is lost or refused", (report["lost"], report["refused"]), (0, 0))
        checks.equal(f"{what}: everything that came was right", report["complaint"], {})
        checks.equal(f"{what}: every message came out", report["delivered_messages"], each * offered)
        checks.equal(f"{what}: every exchange of keys came to its end", renewed, made["begun"])
        checks.check(f"{what}: there were at least {least} of them", renewed >= least, made)
        checks.equal(f"{what}: the gateway dropped nothing", self.gateway.drops(), dropped)

    def play(self):
        self.attach()
        self.renewing("one pair", "message", 2 * 4, rekeys=4, terminals=2, rate=OFFERED, seconds=2)
        self.renewing("one pair, as its gateway's limit says", "message", 2, rekeys="soft",
                      terminals=2, rate=OFFERED, seconds=5)
        self.renewing("all at once", "message", 2 * TERMINALS, rekeys=2, terminals=TERMINALS,
                      rate=OFFERED, seconds=2)
        self.renewing("calls, all at once", "call", 2 * TERMINALS, rekeys=2, terminals=TERMINALS,
                      rate=OFFERED // CALL_MESSAGES, seconds=2)
        self.checks.equal("the generator ends with status 0", self.loadgen.stop(), 0)
        self.gateway.stop()


def main():
    checks = Checklist()
    try:
        with Lab(build_directory(), configs.uses_hugepages()) as lab:
            Play(checks, lab).play()
    except LabError as error:
        checks.check(f"the scenario runs to its end: {error}", False)
    return checks.close()


if __name__ == "__main__":
    sys.exit(main())
