#!/usr/bin/python3
"""The data plane alone, on real packets, with a control plane of a few lines beside it.

        t1 ---- router ---- gwa (port0: data plane, sk0: its kernel's side)   t3 ---- router

What is the kernel's reaches the kernel and is answered once; what is ours never does; REGISTER from
outside reaches the control plane and its answer comes back; ESP made by scapy is opened, SIP sent
by an SA is opened by scapy; after the end nothing is left.
"""

import ipaddress
import os
import pathlib
import sys
import time

from scapy.all import (ESP, ICMP, UDP, ICMPv6EchoReply, IPv6, IPv6ExtHdrFragment, Raw,
                       SecurityAssociation, defragment6, rdpcap)

import contract
import janitor
from contract import Address, Client
from sekisho_flow import Scenario
from topology import READY_S, SINGLE_GATEWAY, TAP, comes_true, wait_until

T1, GWA = SINGLE_GATEWAY[0], SINGLE_GATEWAY[1]
REGISTER = (b"REGISTER sip:abc.com SIP/2.0\r\n"
            b"Via: SIP/2.0/UDP t1:5060;branch=z9hG4bKx\r\nMax-Forwards: 70\r\n"
            b"From: <sip:user-a@abc.com>;tag=1\r\nTo: <sip:user-a@abc.com>\r\n"
            b"Call-ID: c\r\nCSeq: 1 REGISTER\r\nContent-Length: 0\r\n\r\n")
KEY = bytes(range(16)) + b"salt"
KEY_BACK = bytes(range(16, 32)) + b"tlas"
SA_INDEX, GENERATION, SPI_BACK = 5, 3, 0x1234
ANSWER_S = 10.0  # for what is to come
MORE_S = 0.3     # in which what must not come would have come
REGISTERS = 50   # a second of one source, twice as many at once
FLOOD = 400      # fewer than the port's ring holds: none is lost before it is counted

# Sends each argument (hexadecimal) as a UDP datagram from port 5060; prints what comes back.
UDP_CLIENT = """
import socket, sys
family = socket.AF_INET6 if ":" in sys.argv[1] else socket.AF_INET
s = socket.socket(family, socket.SOCK_DGRAM)
s.bind((sys.argv[2], 5060))
s.settimeout(float(sys.argv[4]))
s.sendto(bytes.fromhex(sys.argv[5]), (sys.argv[1], int(sys.argv[3])))
try:
    print(s.recv(65536).hex())
except OSError as error:
    print(type(error).__name__)
"""

TCP_SERVER = """
import socket, sys
s = socket.socket(socket.AF_INET6)
s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.bind(("::", 5061)); s.listen()
print("listening", flush=True)
c, _ = s.accept()
data = b""
while len(data) < 200000:
    data += c.recv(65536)
c.sendall(str(len(data)).encode())
"""

TCP_CLIENT = """
import socket, sys
s = socket.create_connection((sys.argv[1], 5061), timeout=30)
s.sendall(b"x" * 200000)
print(s.recv(100).decode())
"""

# Sends a raw packet of protocol 50 to the gateway.
RAW_SENDER = """
import socket, sys
s = socket.socket(socket.AF_INET6, socket.SOCK_RAW, 50)
s.bind((sys.argv[2], 0))
s.sendto(bytes.fromhex(sys.argv[3]), (sys.argv[1], 0))
"""


def udp(run_, node, gateway, port, data, seconds=ANSWER_S):
    return run_.topology.exec(node.name, [
        "/usr/bin/python3", "-c", UDP_CLIENT, gateway, node.address(6 if ":" in gateway else 4),
        port, seconds, data.hex()]).stdout.strip()


def association(spi, key):
    return SecurityAssociation(ESP, spi=spi, crypt_algo="AES-GCM", crypt_key=key, esn_en=True,
                               esn=0,
                               seq_num=1)


def check_kernel(run_):
    """Ping and TCP by the exception interface, each answered exactly once."""
    topology = run_.topology
    for family in (4, 6):
        capture = topology.capture("t1")["t1"]
        topology.exec("t1", ["ping", "-c", "1", "-W", "10", GWA.address(family)], check=False)
        time.sleep(MORE_S)
        capture.stop()
        replies = [packet for packet in rdpcap(str(capture.path))
                   if packet.haslayer(ICMPv6EchoReply) or
                   (packet.haslayer(ICMP) and packet[ICMP].type == 0)]
        run_.equal(f"one ping over IPv{family} has one answer", len(replies), 1)
    server = topology.spawn("gwa", ["/usr/bin/python3", "-c", TCP_SERVER], log="tcp-server")
    wait_until(lambda: "listening" in server.output(), READY_S, "the TCP server listens")
    said = topology.exec("t1", ["/usr/bin/python3", "-c", TCP_CLIENT, GWA.ipv6]).stdout.strip()
    run_.equal("200,000 bytes over TCP reach a listener behind the exception interface", said,
               "200000")


def check_contract(run_, gateway, client, welcome):
    run_.equal("the welcome names the gateway's addresses",
               [str(welcome.port[0].address[i]) for i in range(2)],
               [f"{GWA.ipv4}:0", f"[{GWA.ipv6}]:0"])
    run_.equal("and what its port is, with one queue for one worker",
               [(port.device, port.mtu, port.spread) for port in welcome.port[:welcome.port_count]],
               [(b"net_af_packet0", 1500, contract.SPREAD_NOT_NEEDED)])
    run_.equal("the socket is for its owner only",
               os.stat(gateway.contract_socket).st_mode & 0o777, 0o600)
    run_.equal("an unknown request is answered as unknown",
               client.result(contract.HeaderOnly(), 200), contract.RESULT_NOT_FOUND)
    run_.equal("a request of another version is answered as such",
               client.ask(contract.HeaderOnly(), contract.COUNTERS_GET,
                          version=contract.VERSION + 1)[1].result,
               contract.RESULT_VERSION)
    run_.equal("a request that is too short is answered as bad",
               client.result(contract.HeaderOnly(), contract.SA_PUT), contract.RESULT_BAD)
    second = Client(gateway.contract_socket)
    run_.check("a second client is sent away", second.read() is None)
    second.close()


def check_alone(run_):
    """No control plane is there yet."""
    padded = REGISTER.replace(b"Content-Length", b"Security-Padding: " + b"0" * 1200 +
                              b"\r\nContent-Length")
    for gateway in (GWA.ipv4, GWA.ipv6):
        answer = bytes.fromhex(udp(run_, T1, gateway, 5060, padded))
        run_.check(f"without a control plane a REGISTER is answered 503 ({gateway})",
                   answer.startswith(b"SIP/2.0 503 ") and b"\r\nRetry-After: " in answer
                   and len(answer) < len(padded), answer.decode(errors="replace"))
        run_.equal("one that is shorter than its answer may be is not answered",
                   udp(run_, T1, gateway, 5060, REGISTER, MORE_S), "TimeoutError")


def check_order(run_, gateway):
    client = Client(gateway.contract_socket)
    run_.equal("a request before the hello is refused",
               client.result(contract.HeaderOnly(), contract.COUNTERS_GET), contract.RESULT_DENIED)
    client.close()


def connected(gateway):
    """A client that was greeted: while one of before is not yet known to be gone, others are sent
    away."""
    found = []

    def is_greeted():
        client = Client(gateway.contract_socket)
        try:
            found[:] = client, client.hello()
            return True
        except OSError:
            client.close()
            return False
    wait_until(is_greeted, READY_S, "the contract is free")
    return found


def counts(run_, client, before, expected, what="counted as"):
    """What has been counted since then becomes what is expected."""
    for name, count in expected.items():
        run_.becomes(f"{what} {name}", lambda name=name: client.counters()[name] - before[name],
                     count)


def check_register(run_, client):
    """A REGISTER in the clear up, an answer down, by both families."""
    for family in (4, 6):
        gateway = GWA.address(family)
        before = client.counters()
        process = run_.topology.spawn(
            "t1", ["/usr/bin/python3", "-c", UDP_CLIENT, gateway, T1.address(family), "5060",
                   str(ANSWER_S),
                   REGISTER.hex()], log=f"register-{family}")
        received, sip = client.sip_received()
        run_.equal(f"REGISTER over IPv{family} reaches the control plane whole", sip, REGISTER)
        run_.equal("it says that it came in the clear", received.origin, contract.ORIGIN_CLEAR)
        run_.equal("and from where", str(received.source),
                   str(Address.of(T1.address(family), 5060)))
        run_.equal("and to where", str(received.destination), str(Address.of(gateway, 5060)))
        answer = b"SIP/2.0 401 Unauthorized\r\nContent-Length: 0\r\n\r\n"
        run_.equal("an answer is taken", client.sip_send(contract.SipSend(
            origin=contract.ORIGIN_CLEAR, port=received.port, source=received.destination,
            destination=received.source), answer), contract.RESULT_OK)
        process.popen.wait(2 * ANSWER_S)
        run_.equal(f"and comes back to the sender over IPv{family}", process.output().strip(),
                   answer.hex())
        counts(run_, client, before, {"sip_received": 1}, "one message was handed up:")


def check_ours_is_ours(run_, client):
    """What the data plane takes for itself never reaches the kernel, which would answer."""
    before = client.counters()
    invite = REGISTER.replace(b"REGISTER", b"INVITE")
    for port, data in ((5060, invite), (5060, b"\r\n\r\n"), (4500, b"\0\0\0\0junk"),
                       (4500, b"\xff"),
                       (4500, bytes.fromhex("01020304") + bytes(60))):
        for gateway in (GWA.ipv4, GWA.ipv6):
            run_.equal(f"nothing comes back from port {port} for {data[:8]!r} ({gateway})",
                       udp(run_, T1, gateway, port, data, MORE_S), "TimeoutError")
    run_.topology.exec("t1", ["/usr/bin/python3", "-c", RAW_SENDER, GWA.ipv6, T1.ipv6,
                              (b"\x07\x00\x00\x09" + bytes(64)).hex()])
    counts(run_, client, before, {"clear_not_admitted": 2, "keepalive": 2, "esp_non_esp_marker": 2,
                                  "esp_keepalive": 2, "esp_spi_unknown": 3})


def put_settings(run_, client):
    settings = contract.Settings(route_security=1, route_security_add_level=1, domain_count=1,
                                 max_dialog_s=86400)
    settings.domain[0].value = b"abc.com"
    run_.equal("the settings are taken", client.result(settings, contract.SETTINGS_PUT),
               contract.RESULT_OK)
    for purpose in (1, 2, 3):
        key = contract.Key(purpose=purpose, id=0)
        key.key[:] = bytes(range(purpose, 32 + purpose))
        run_.equal(f"a key of purpose {purpose} is taken", client.result(key, contract.KEY_PUT),
                   contract.RESULT_OK)


def sa():
    message = contract.Sa(
        index=SA_INDEX, generation=GENERATION, directions=contract.SA_IN | contract.SA_OUT,
        owner_kind=1, suite=contract.AES_128_GCM_16, mode=contract.TRANSPORT, level=3, worker=0,
        port=0, spi_out=SPI_BACK, is_replay_checked=1,
        inner_local=Address.of(GWA.ipv6, 5060), inner_remote=Address.of(T1.ipv6, 5060),
        outer_local=Address.of(GWA.ipv6), outer_remote=Address.of(T1.ipv6),
        subscriber=b"user-a@abc.com")
    message.key_in[:len(KEY)] = KEY
    message.key_out[:len(KEY_BACK)] = KEY_BACK
    return message


def check_esp(run_, client):
    """scapy at the other end of an SA."""
    spi = GENERATION << 24 | SA_INDEX
    run_.equal("an SA is taken", client.result(sa(), contract.SA_PUT), contract.RESULT_OK)
    plain = IPv6(src=T1.ipv6, dst=GWA.ipv6) / UDP(sport=5060, dport=5060) / Raw(REGISTER)
    sealed = association(spi, KEY).encrypt(plain)
    payload = bytes(sealed[ESP])
    capture = run_.topology.capture("t1")["t1"]
    for _ in range(2):
        run_.topology.exec("t1", ["/usr/bin/python3", "-c", RAW_SENDER, GWA.ipv6, T1.ipv6,
                                  payload.hex()])
    received, sip = client.sip_received()
    run_.equal("REGISTER sealed by scapy is opened", sip, REGISTER)
    run_.equal("it is known by its SA",
               (received.origin, received.sa_index, received.sa_generation),
               (contract.ORIGIN_SA, SA_INDEX, GENERATION))
    event = client.event()
    run_.equal("the SA's first packet is told", (event.kind, event.sa_index),
               (contract.EVENT_SA_FIRST_PACKET, SA_INDEX))
    answer = b"SIP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n"
    run_.equal("an answer by the SA is taken", client.sip_send(contract.SipSend(
        origin=contract.ORIGIN_SA, sa_index=SA_INDEX, sa_generation=GENERATION), answer),
        contract.RESULT_OK)
    run_.equal("one by an SA that is not there is refused", client.sip_send(contract.SipSend(
        origin=contract.ORIGIN_SA, sa_index=SA_INDEX, sa_generation=GENERATION + 1), answer),
        contract.RESULT_NOT_FOUND)
    back = answered(capture, lambda packet: packet.haslayer(ESP) and packet[IPv6].nh == 50
                    and packet[ESP].spi == SPI_BACK, 1)
    run_.equal("one ESP packet comes back", len(back), 1)
    opened = association(SPI_BACK, KEY_BACK).decrypt(back[0][IPv6])
    run_.equal("scapy opens it to the answer", bytes(opened[UDP].payload), answer)
    run_.becomes("the replay of the same packet was refused",
                 lambda: client.counters()["esp_replay"], 1)
    parts, _ = client.ask(contract.Dump(kind=contract.DUMP_SAS), contract.DUMP)
    record = contract.SaRecord.from_buffer_copy(parts[0][1])
    run_.equal("the dump knows the SA and its figures, and not its keys",
               (len(parts), record.sa.index, record.packets_in, record.highest_in, record.next_out,
                bytes(record.sa.key_in), record.sa.subscriber),
               (1, SA_INDEX, 1, 1, 2, bytes(72), b"user-a@abc.com"))
    check_long(run_, client, spi)
    reference = contract.SaRef(index=SA_INDEX, generation=GENERATION)
    run_.equal("the SA is deleted", client.result(reference, contract.SA_DELETE),
               contract.RESULT_OK)
    run_.equal("and gone", client.result(contract.SaRef(index=SA_INDEX, generation=GENERATION),
                                         contract.SA_DELETE), contract.RESULT_NOT_FOUND)


def answered(capture, is_answer, count):
    """Ends a capture once so many of these packets are in it, and a little later; returns them."""
    def found():
        return [packet for packet in rdpcap(str(capture.path)) if is_answer(packet)]
    comes_true(lambda: len(found()) >= count)
    time.sleep(MORE_S)
    capture.stop()
    return found()


def check_long(run_, client, spi):
    """Messages that no wire carries whole, both ways; and fragments from a stranger."""
    long = REGISTER.replace(b"Content-Length: 0", b"Subject: " + b"x" * 4000 +
                            b"\r\nContent-Length: 0")
    sender = association(spi, KEY)
    sender.seq_num = 2
    plain = IPv6(src=T1.ipv6, dst=GWA.ipv6) / UDP(sport=5060, dport=5060) / Raw(long)
    payload = bytes(sender.encrypt(plain)[ESP]).hex()
    before = client.counters()
    run_.topology.exec("t3", ["/usr/bin/python3", "-c", RAW_SENDER, GWA.ipv6,
                              run_.topology.nodes["t3"].ipv6, payload])
    capture = run_.topology.capture("t1")["t1"]
    run_.topology.exec("t1", ["/usr/bin/python3", "-c", RAW_SENDER, GWA.ipv6, T1.ipv6, payload])
    _, sip = client.sip_received()
    run_.equal("a message of 4 KB sealed by scapy arrives in fragments and whole", sip, long)
    counts(run_, client, before, {"fragment_source": 3},
           "fragments from where no SA goes were not even kept:")
    answer = b"SIP/2.0 200 OK\r\nSubject: " + b"y" * 6000 + b"\r\nContent-Length: 0\r\n\r\n"
    run_.equal("an answer of 6 KB is taken", client.sip_send(contract.SipSend(
        origin=contract.ORIGIN_SA, sa_index=SA_INDEX, sa_generation=GENERATION), answer),
        contract.RESULT_OK)
    pieces = [packet[IPv6] for packet in answered(
        capture, lambda packet: packet.haslayer(IPv6ExtHdrFragment)
        and packet[IPv6].src == GWA.ipv6, 5)]
    run_.equal("it leaves in five fragments, none above 1,280 bytes",
               (len(pieces), max(map(len, pieces)) <= 1280), (5, True))
    opened = association(SPI_BACK, KEY_BACK).decrypt(IPv6(bytes(defragment6(pieces))))
    run_.equal("scapy puts them together and opens them", bytes(opened[UDP].payload), answer)


def check_neighbour_set_by_hand(run_, client):
    """A next hop that an operator has set for good stays as he set it."""
    address = ipaddress.ip_interface(f"{GWA.ipv6}/64").network[0x77]
    run_.topology.ip("gwa", f"neigh replace {address} lladdr 02:00:00:00:00:77 nud permanent "
                            f"dev {TAP}")
    message = sa()
    message.index = SA_INDEX + 2
    message.key_in[0], message.key_out[0] = 0x66, 0x66
    message.outer_remote = Address.of(str(address))
    message.inner_remote = Address.of(str(address), 5060)
    run_.equal("an SA to it is taken", client.result(message, contract.SA_PUT), contract.RESULT_OK)
    shown = run_.topology.exec("gwa", ["ip", "neigh", "show", str(address)]).stdout
    run_.check("the neighbour is still permanent", "PERMANENT" in shown, [shown])
    run_.equal("the SA is taken away", client.result(
        contract.SaRef(index=SA_INDEX + 2, generation=GENERATION), contract.SA_DELETE),
        contract.RESULT_OK)


def check_expiry(run_, client):
    message = sa()
    message.index, message.hard_expiry_s = SA_INDEX + 1, int(time.time()) + 3
    message.key_in[0], message.key_out[0] = 0x55, 0x55
    run_.equal("an SA with three seconds to live is taken", client.result(message, contract.SA_PUT),
               contract.RESULT_OK)
    event = client.event()
    run_.equal("its end is told", (event.kind, event.sa_index),
               (contract.EVENT_SA_HARD_LIMIT, SA_INDEX + 1))
    parts, _ = client.ask(contract.Dump(kind=contract.DUMP_SAS), contract.DUMP)
    run_.equal("and no SA is left", len(parts), 0)


def check_flood(run_, client):
    """From one source no more REGISTERs than are its due reach the control plane."""
    flood = ("import socket, sys\n"
             "s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)\n"
             f"for i in range({FLOOD}):\n"
             "    s.sendto(bytes.fromhex(sys.argv[2]), (sys.argv[1], 5060))\n")
    before, begun = client.counters(), time.monotonic()
    run_.topology.exec("t1", ["/usr/bin/python3", "-c", flood, GWA.ipv6, REGISTER.hex()])

    def counted():
        after = client.counters()
        return [after[name] - before[name] for name in ("sip_received", "clear_rate")]
    run_.becomes(f"each of {FLOOD} REGISTERs at once goes up or is counted",
                 lambda: sum(counted()), FLOOD)
    (up, limited), seconds = counted(), time.monotonic() - begun
    run_.check(f"{up} go up", REGISTERS <= up <= REGISTERS * (2.5 + seconds) and limited > 0,
               [f"{up} up, {limited} limited in {seconds:.1f} s"])


def check_nothing_left(run_, gateway):
    run_.check("its exception interface is gone", not run_.topology.has_device("gwa", TAP))
    run_.check("its socket is gone", not gateway.contract_socket.exists())
    check_no_dpdk_directory(run_, "afterwards")


def check_no_dpdk_directory(run_, when):
    """Not while it runs either: so none is left by one that is killed."""
    run_.equal(f"DPDK has no directory {when}",
               janitor.dpdk_directories([run_.topology.netns("gwa")]), [])


def main():
    with Scenario(nodes=SINGLE_GATEWAY) as run_:
        gateway = run_.gateway("gwa", "abc.com")
        gateway.start_dataplane()
        check_no_dpdk_directory(run_, "while it runs")
        check_kernel(run_)
        check_alone(run_)
        check_order(run_, gateway)
        client, welcome = connected(gateway)
        check_contract(run_, gateway, client, welcome)
        check_register(run_, client)
        check_ours_is_ours(run_, client)
        put_settings(run_, client)
        check_esp(run_, client)
        check_neighbour_set_by_hand(run_, client)
        check_expiry(run_, client)
        check_flood(run_, client)
        client.close()
        gateway.stop_dataplane()
        check_nothing_left(run_, gateway)
    return run_.status


if __name__ == "__main__":
    sys.exit(main())
