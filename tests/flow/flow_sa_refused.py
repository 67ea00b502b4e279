#!/usr/bin/python3
"""A data plane that does not take an SA: its terminal gets a 503, the operator the reason, and nobody "established".

         t1 ------- to-t1 +--------+ to-gwa ------- gwa  abc.com, little room for SAs
     user-a@abc.com       | router |
                          +--------+

While the control plane is stopped the data plane is started anew and every place is taken by SAs that the
control plane knows nothing of. The terminal is tests/flow/stranger.py.
"""

import pathlib
import signal
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
import contract
from flow_workers import sa
from sekisho_flow import Scenario
from stranger import Refused, Stranger
from topology import GWA, SINGLE_GATEWAY, T1, comes_true, wait_until

USER, PASSWORD = "user-a@abc.com", "correct horse a"
PLACES = 16
BACK_S = 20.0
SAID_S = 5.0
OK = 0


def said(gateway, sentence):
    return gateway.controlplane.output().count(sentence)


def is_said_once(run, gateway, sentence, what):
    """The terminal has its answer a moment before the operator."""
    comes_true(lambda: said(gateway, sentence) >= 1, SAID_S)
    run.check(what, said(gateway, sentence) == 1, gateway.controlplane.output().splitlines()[-6:])


def data_plane_anew(gateway):
    gateway.kill_dataplane()
    gateway.start_dataplane()


def places_are_taken(run, gateway):
    """Unseen by the control plane, which finds a data plane of the same shape that was started anew."""
    gateway.controlplane.send(signal.SIGSTOP)
    try:
        data_plane_anew(gateway)
        client = contract.Client(gateway.contract_socket)
        places = client.hello().sa_capacity
        results = [client.result(sa(index, 1, 0, f"2001:1234::{0x100 + index:x}"), contract.SA_PUT)
                   for index in range(1, places)]
        client.close()
    finally:
        gateway.controlplane.send(signal.SIGCONT)
    run.equal("strangers to the control plane have every place", set(results), {OK})
    is_told_everything(gateway, 1)


def is_told_everything(gateway, times):
    wait_until(lambda: said(gateway, "it is told everything") == times, BACK_S, "the data plane is told everything")


def status(stranger):
    """What the terminal's attempt comes to: 200, or with what it was refused."""
    try:
        stranger.attach()
    except Refused as refused:
        return refused.message.status
    return 200


def main():
    run = Scenario(SINGLE_GATEWAY, families=(6,))
    with run:
        gateway = run.gateway("gwa", "abc.com")
        gateway.dataplane_settings = {"capacity": {"sas": PLACES}}
        gateway.start()
        gateway.add_subscriber(USER, PASSWORD)
        places_are_taken(run, gateway)
        with_sa = Stranger(run.topology.netns("t1"), T1, GWA, "abc.com", USER, PASSWORD)
        run.equal("the terminal gets a 503", status(with_sa), 503)
        is_said_once(run, gateway, f"key exchange of {USER}: unavailable, the data plane has another SA in its place",
                     "the operator is told why")
        is_said_once(run, gateway, "the data plane does not take SA", "and which SA it was")
        run.equal("nobody has said that it is established", said(gateway, "established"), 0)
        data_plane_anew(gateway)
        is_told_everything(gateway, 2)
        run.equal("when there is room the terminal attaches", status(with_sa), 200)
        is_said_once(run, gateway, f"key exchange of {USER}: established", "and now it is established")
        run.equal("and it registers", with_sa.register().status, 200)
        with_sa.close()
    return run.status


if __name__ == "__main__":
    sys.exit(main())
