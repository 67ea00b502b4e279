#!/usr/bin/python3
"""A data plane of two workers: ESP reaches the SA's owner whichever worker received it.

        t1 ---- router ---- gwa (port0: two queues, two workers)

The port spreads flows over its queues as it likes; eight SAs of eight sources, each owned once by
the one and once by the other worker, must all be opened, each packet once.
"""

import sys

from scapy.all import ESP, UDP, IPv6, Raw

import contract
from contract import Address, Client
from flow_ports import GWA, KEY, KEY_BACK, RAW_SENDER, REGISTER, association, put_settings
from sekisho_flow import Scenario
from topology import SINGLE_GATEWAY

SOURCES = [f"2001:1234::{0x100 + i:x}" for i in range(8)]


def sa(index, generation, worker, source):
    message = contract.Sa(
        index=index, generation=generation, directions=contract.SA_IN | contract.SA_OUT,
        owner_kind=1, suite=contract.AES_128_GCM_16, mode=contract.TRANSPORT, level=3,
        worker=worker, spi_out=0x1000 + index, is_replay_checked=1,
        inner_local=Address.of(GWA.ipv6, 5060), inner_remote=Address.of(source, 5060),
        outer_local=Address.of(GWA.ipv6), outer_remote=Address.of(source),
        subscriber=b"user-a@abc.com")
    message.key_in[:len(KEY)] = bytes([index]) + KEY[1:]
    message.key_out[:len(KEY_BACK)] = bytes([index]) + KEY_BACK[1:]
    return message


def sealed(index, generation, source):
    plain = IPv6(src=source, dst=GWA.ipv6) / UDP(sport=5060, dport=5060) / Raw(REGISTER)
    key = bytes([index]) + KEY[1:]
    return bytes(association(generation << 24 | index, key).encrypt(plain)[ESP])


def under_way(client):
    """Returns how many packets are between two workers."""
    counters = client.counters()
    return counters["sk_handoff"] - counters["sk_handoff_in"]


def check_owner(run, client, worker):
    """All sources send to SAs of one worker."""
    before = client.counters()
    for i, source in enumerate(SOURCES):
        index = 10 + 20 * worker + i
        run.check(f"an SA of worker {worker} is taken",
                  client.result(sa(index, 1, worker, source), contract.SA_PUT)
                  == contract.RESULT_OK)
        run.topology.exec("t1", ["/usr/bin/python3", "-c", RAW_SENDER, GWA.ipv6, source,
                                 sealed(index, 1, source).hex()])
    opened = sorted(client.sip_received()[0].sa_index for _ in SOURCES)
    run.equal(f"what comes for worker {worker} is opened, once each", opened,
              [10 + 20 * worker + i for i in range(len(SOURCES))])
    after = client.counters()
    run.equal("none was taken for a replay", after["esp_replay"] - before["esp_replay"], 0)


def main():
    with Scenario(nodes=SINGLE_GATEWAY, families=(6,)) as run:
        gateway = run.gateway("gwa", "abc.com", workers=2)
        for source in SOURCES:
            run.topology.ip("t1", f"-6 addr add {source}/64 dev port0 nodad")
        gateway.start_dataplane()
        client = Client(gateway.contract_socket)
        run.equal("there are two workers", client.hello().workers, 2)
        run.check("the operator is told how a device without RSS shares its frames out",
                  "net_af_packet0: no RSS, ownership handoff by ring" in gateway.dataplane.output())
        put_settings(run, client)
        for worker in range(2):
            check_owner(run, client, worker)
        run.becomes("what was handed over was taken over", lambda: under_way(client), 0)
        given = client.counters()["sk_handoff"]
        run.check(f"some was handed over ({given})", given > 0)
        client.close()
        gateway.stop_dataplane()
    return run.status


if __name__ == "__main__":
    sys.exit(main())
