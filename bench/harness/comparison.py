"""Ours and Kamailio's stateless forward in turns, within the same minutes, and the ratios of each turn.

What a machine that others use too does to one of them it does to the other as well: a ratio of two
figures that were taken a quarter of an hour apart is one of two machines.
"""

import in_process
from beside_kamailio import KamailioPair
from figures import figure, quotients
from kamailio import version
from over_wire import veth_pair
from pair import OTHER_CORE, WORKER_CORE, memif_pair

# Over which wire, how it is set up, and where its figure goes.
WIRES = (
    ("memif", memif_pair, "gateway.ndr_messages_per_second"),
    ("kamailio", lambda run: KamailioPair(run, "stateless_forward"),
     "kamailio.stateless_forward.ndr_messages_per_second"),
    ("veth", veth_pair, "veth.gateway.ndr_messages_per_second"),
)
RATIOS = ("in_process", "memif", "veth")
# Two processors of one L3 are within 100 ns of each other, there and back; of two, beyond 250.
FAR_NS = 200


class Turns:
    """What was found by wire, turn by turn, and how far the two cores were from each other."""

    def __init__(self, run):
        self._run = run
        self._first = {}  # by wire: where the next search begins
        wires = [name for name, *_ in WIRES]
        self.found = {name: [] for name in (*wires, "in_process")}
        self.bound = dict.fromkeys(wires, 0)
        self.distances = {name: [] for name in wires}  # before and after each search

    def distance(self):
        return in_process.distance(self._run.lab, WORKER_CORE, OTHER_CORE)

    def over_wire(self, name, make):
        pair = make(self._run)
        pair.first = self._first.get(name, pair.first)
        before = self.distance()
        rate, is_bound = pair.find("message")
        self.distances[name] += [before, self.distance()]
        self._first[name] = pair.first
        pair.stop()
        self.found[name].append(rate)
        self.bound[name] += is_bound

    def in_process(self):
        found = in_process.pipeline(self._run.lab, WORKER_CORE, 1, "--terminals",
                                    self._run.mode.main, "--rounds", self._run.mode.rounds)
        self._run.report["messages_verified"] += found["messages_verified"]
        self.found["in_process"].append(found["messages_per_second"]["median"])


def comparison(run):
    """Over memif, Kamailio, over veth, in process, and again: NDR by search, ratios by turn."""
    run.put("kamailio.version", version())
    turns = Turns(run)
    for _ in range(run.mode.turns):
        for name, make, _ in WIRES:
            turns.over_wire(name, make)
        turns.in_process()
    for name, _, path in WIRES:
        run.put(path, figure(turns.found[name], generator_bound=turns.bound[name]))
        run.put(f"cores_apart.round_trip_ns.{name}", figure(turns.distances[name]))
    run.point(run.mode.main)["ndr"] = run.at("gateway.ndr_messages_per_second")
    for name in RATIOS:
        run.put(f"ratio.kamailio_stateless_forward.{name}",
                figure(quotients(turns.found[name], turns.found["kamailio"])))
    far = sum(one > FAR_NS for one in turns.distances["memif"])
    if far:
        run.note(f"Looked at before and after the searches over memif, the two processors shared no cache "
                 f"{far} times of {len(turns.distances['memif'])} (a line took more than {FAR_NS} ns there "
                 "and back): what generator and gateway hand each other then costs several times as much.")
