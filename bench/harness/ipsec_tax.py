"""Calls through ESP and the same calls by terminals in the clear, in turns: what IPsec costs."""

import in_process
from figures import figure, quotients
from pair import OTHER_CORE, WORKER_CORE, memif_pair

CALLS_FIRST = 30000
# Of the calls without loss: both ways are then as busy, and their bursts as full. At one rate the
# quicker would have less in a burst, and what a burst costs however little is in it would count as its
# messages' cost.
BUSY_SHARE = 0.9
WAYS = (("with_ipsec", True), ("without_ipsec", False))


class Way:
    """One of the two, turn by turn; each turn has processes of its own."""

    def __init__(self, run, is_secure):
        self._run = run
        self._is_secure = is_secure
        self._first = CALLS_FIRST
        self.calls, self.busy, self.bound = [], [], 0
        self.distances = []  # before the search, between, and after

    def _look(self):
        self.distances.append(in_process.distance(self._run.lab, WORKER_CORE, OTHER_CORE))

    def turn(self):
        pair = memif_pair(self._run, is_secure=self._is_secure)
        pair.first = self._first
        self._look()
        calls, is_bound = pair.find("call")
        self._look()
        self.busy.append(pair.busy_once("call", calls * BUSY_SHARE))
        self._look()
        self._first = pair.first
        pair.stop()
        self.calls.append(calls)
        self.bound += is_bound

    def put(self, name):
        self._run.put(f"sessions.{name}_per_second", figure(self.calls, generator_bound=self.bound))
        self._run.put(f"sessions.{name}_busy_cycles_per_message", figure(self.busy))
        self._run.put(f"cores_apart.round_trip_ns.{name}", figure(self.distances))


def sessions(run):
    """Calls and busy cycles on both ways, and the tax of each turn.

    Both gateways do the same but for ESP: check, policy, series, look-up, MACs.
    """
    ways = {name: Way(run, is_secure) for name, is_secure in WAYS}
    for _ in range(run.mode.repeats):
        for way in ways.values():
            way.turn()
    for name, way in ways.items():
        way.put(name)
    with_it, without = (ways[name] for name, _ in WAYS)
    run.put("sessions.ipsec_tax.calls", figure(quotients(without.calls, with_it.calls)))
    run.put("sessions.ipsec_tax.busy_cycles", figure(quotients(with_it.busy, without.busy)))
