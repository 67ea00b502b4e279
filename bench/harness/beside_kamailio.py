"""The section with Kamailio, without IPsec, on one core: the same messages, the same search."""

import machine
from figures import figure
from gateway import GATEWAY, PREFIX, ROUTER, make_terminals
from kamailio import RECEIVE_BYTES, Kamailio
from lab import LabError
from loadgen import Loadgen
from pair import FAMILY, OTHER_CORE, WORKER_CORE, Pair
from veth import Veth

FIRST = 20000
CALLS_FIRST = 1000
REGISTERS = 1000  # a second, so that none is lost in a socket


class KamailioPair(Pair):
    drain = 1  # its sockets hold more

    def __init__(self, run, name):
        near, far = run.lab.netns("kam"), run.lab.netns("lg")
        veth = Veth(run.lab, near, far)
        veth.give_address(near, GATEWAY[FAMILY], PREFIX[FAMILY], ROUTER[FAMILY])
        wire = run.lab.make_directory("wire")
        terminals = make_terminals(run.lab, wire, run.mode.main, FAMILY, "--insecure")
        self.proxy = Kamailio(run.lab, name, near, FAMILY, WORKER_CORE)
        held = self.proxy.receive_bytes()
        if held < RECEIVE_BYTES:
            run.note(f"Kamailio's socket holds {held} bytes where {RECEIVE_BYTES} serve it best "
                     "(net.core.rmem_max): it is faster than it seems here.")
        loadgen = Loadgen(run.lab, veth.vdev(), terminals, FAMILY, OTHER_CORE, netns=far,
                          proxy="direct" if name == "stateless_forward" else "forward",
                          frames_mb=run.mode.frames_mb)
        super().__init__(run, None, loadgen)
        self.first = FIRST

    def company(self):
        return machine.Company([self.loadgen.process, self.proxy])

    def register_all(self):
        # UDP may lose some on a busy machine: once through without loss, and all are there.
        for _ in range(5):
            job = self.job("register", rate=REGISTERS,
                           seconds=self.run.mode.main / REGISTERS + 0.01, warmup=0, drain=10)
            if not job["lost"]:
                return
        raise LabError("Kamailio does not take every registration")

    def stop(self):
        self.loadgen.stop()
        self.proxy.stop()


def kamailio(run):
    """What it does with locations, and with transactions; its least stands in the comparison."""
    pair = KamailioPair(run, "location_record_route")
    pair.register_all()
    run.put("kamailio.location_record_route.ndr_messages_per_second", pair.search("message"))
    pair.stop()
    pair = KamailioPair(run, "stateful_relay")
    pair.register_all()
    pair.first = CALLS_FIRST
    calls = pair.search("call")
    run.put("kamailio.stateful_relay.ndr_calls_per_second", calls)
    # a call is five messages that it passes on
    run.put("kamailio.stateful_relay.ndr_messages_per_second",
            figure([5 * value for value in calls["values"]],
                   generator_bound=calls["generator_bound"]))
