"""A control plane of a few lines: the contract's client side, as shared/contract/contract.h has it.

Only what tests of the data plane alone need. The structs are those of the header, field by field,
in native alignment.
"""

import ctypes
import ipaddress
import socket
from ctypes import c_char, c_uint8, c_uint16, c_uint32, c_uint64

MAGIC = 0x53454b49
VERSION = 6
PACKET_BYTES = 65536

HELLO, SETTINGS_PUT, KEY_PUT, KEY_DELETE, SA_PUT, SA_DELETE = range(1, 7)
SIP_SEND, DUMP, COUNTERS_GET, SIP_ENTER = 14, 15, 16, 17
WELCOME, ANSWER, SA_RECORD, BINDING_RECORD, COUNTERS, SIP_RECEIVED, EVENT, \
    SIP_LEAVES = range(256, 264)
RESULT_OK, RESULT_BAD, RESULT_NOT_FOUND, RESULT_EXISTS = 0, 2, 4, 5
RESULT_DENIED, RESULT_STALE, RESULT_VERSION = 6, 7, 8
ORIGIN_CLEAR, ORIGIN_SA = 1, 2
DUMP_SAS, DUMP_BINDINGS, DUMP_SAS_WITH_KEYS = 1, 2, 3
EVENT_SA_FIRST_PACKET, EVENT_SA_HARD_LIMIT, EVENT_SA_MOVED, EVENT_SA_HALF_SPENT = range(7, 11)
SA_IN, SA_OUT = 1, 2
TRANSPORT = 1
SPREAD_NOT_NEEDED = 1
AES_128_GCM_16 = 1


class Header(ctypes.Structure):
    _fields_ = [("magic", c_uint32), ("version", c_uint16), ("id", c_uint16),
                ("length", c_uint32), ("request", c_uint32)]


class Address(ctypes.Structure):
    _fields_ = [("family", c_uint8), ("pad", c_uint8), ("port", c_uint16),
                ("bytes", c_uint8 * 16)]

    @classmethod
    def of(cls, text, port=0):
        packed = ipaddress.ip_address(text).packed
        return cls(4 if len(packed) == 4 else 6, 0, port,
                   (c_uint8 * 16)(*packed.ljust(16, b"\0")))

    def __str__(self):
        if self.family == 0:
            return "none"
        packed = bytes(self.bytes)[:4 if self.family == 4 else 16]
        host = str(ipaddress.ip_address(packed))
        return f"{host}:{self.port}" if self.family == 4 else f"[{host}]:{self.port}"


class HeaderOnly(ctypes.Structure):
    _fields_ = [("header", Header)]


class Hello(ctypes.Structure):
    _fields_ = [("header", Header), ("gateway_id", c_uint32), ("pad", c_uint32)]


class Port(ctypes.Structure):
    _fields_ = [("address", Address * 2), ("mtu", c_uint16), ("spread", c_uint8),
                ("pad", c_uint8 * 5), ("device", c_char * 64), ("exception", c_char * 16)]


class Welcome(ctypes.Structure):
    _fields_ = [("header", Header), ("boot_id", c_uint8 * 16), ("workers", c_uint32),
                ("sa_capacity", c_uint32), ("binding_capacity", c_uint32),
                ("port_count", c_uint32), ("port", Port * 8)]


class Answer(ctypes.Structure):
    _fields_ = [("header", Header), ("to_id", c_uint16), ("result", c_uint16), ("pad", c_uint32)]


class Settings(ctypes.Structure):
    _fields_ = [
        ("header", Header), ("gateway_id", c_uint8), ("route_security", c_uint8),
        ("route_security_add_level", c_uint8), ("insecure_access", c_uint8),
        ("is_identity_always_asserted", c_uint8), ("dscp", c_uint8), ("domain_count", c_uint8),
        ("emergency_peer", c_uint8), ("max_dialog_s", c_uint32),
        ("requests_per_second_per_sa", c_uint32),
        ("emergency_count", c_uint32), ("is_legacy_restored", c_uint8), ("pad", c_uint8 * 3),
        ("emergency", (c_char * 32) * 8), ("domain", (c_char * 254) * 8)]


class Key(ctypes.Structure):
    _fields_ = [("header", Header), ("purpose", c_uint8), ("id", c_uint8), ("pad", c_uint8 * 6),
                ("active_from_s", c_uint64), ("expires_s", c_uint64), ("key", c_uint8 * 32)]


class Sa(ctypes.Structure):
    _fields_ = [
        ("header", Header), ("index", c_uint32), ("generation", c_uint8), ("directions", c_uint8),
        ("owner_kind", c_uint8), ("suite", c_uint8), ("mode", c_uint8), ("level", c_uint8),
        ("worker", c_uint8), ("port", c_uint8), ("spi_out", c_uint32), ("owner_index", c_uint32),
        ("owner_generation", c_uint32), ("is_replay_checked", c_uint8), ("is_refill", c_uint8),
        ("path_bytes", c_uint16), ("hard_expiry_s", c_uint64), ("hard_packets", c_uint64),
        ("hard_bytes", c_uint64), ("vouching", c_uint64 * 7), ("inner_local", Address),
        ("inner_remote", Address),
        ("outer_local", Address), ("outer_remote", Address), ("key_in", c_uint8 * 72),
        ("key_out", c_uint8 * 72), ("subscriber", c_char * 256)]


class SaRef(ctypes.Structure):
    _fields_ = [("header", Header), ("index", c_uint32), ("generation", c_uint8),
                ("pad", c_uint8 * 3)]


class SaRecord(ctypes.Structure):
    _fields_ = [("header", Header), ("sa", Sa), ("packets_in", c_uint64), ("bytes_in", c_uint64),
                ("packets_out", c_uint64), ("bytes_out", c_uint64), ("last_in_s", c_uint64),
                ("highest_in", c_uint64), ("next_out", c_uint64)]


class Dump(ctypes.Structure):
    _fields_ = [("header", Header), ("kind", c_uint32), ("pad", c_uint32)]


class SipReceived(ctypes.Structure):
    _fields_ = [("header", Header), ("origin", c_uint8), ("port", c_uint8),
                ("sa_generation", c_uint8), ("pad", c_uint8), ("sa_index", c_uint32),
                ("source", Address), ("outer_source", Address), ("destination", Address),
                ("sip_length", c_uint32), ("pad2", c_uint32)]


class SipSend(ctypes.Structure):
    _fields_ = [("header", Header), ("origin", c_uint8), ("port", c_uint8),
                ("sa_generation", c_uint8), ("pad", c_uint8), ("sa_index", c_uint32),
                ("source", Address), ("destination", Address), ("sip_length", c_uint32),
                ("pad2", c_uint32)]


class Counter(ctypes.Structure):
    _fields_ = [("name", c_char * 40), ("value", c_uint64), ("kind", c_uint32),
                ("worker", c_uint32)]


class CountersHead(ctypes.Structure):
    _fields_ = [("header", Header), ("count", c_uint32), ("pad", c_uint32)]


class EventHead(ctypes.Structure):
    _fields_ = [("header", Header), ("kind", c_uint16), ("status", c_uint16),
                ("sa_index", c_uint32), ("time_ms", c_uint64), ("lost", c_uint64)]


class Leg(ctypes.Structure):
    _fields_ = [("kind", c_uint8), ("level", c_uint8), ("generation", c_uint16),
                ("index", c_uint32), ("address", Address)]


class Event(ctypes.Structure):
    _fields_ = [("head", EventHead), ("worker", c_uint32), ("sa_generation", c_uint8),
                ("fault", c_uint8), ("pad", c_uint8 * 2), ("outer", Address), ("came_by", Leg),
                ("goes_to", Leg), ("method", c_char * 33), ("caller", c_char * 256),
                ("callee", c_char * 256), ("call_id", c_char * 128), ("claimed", c_char * 256)]


def messages(packet):
    """Yields (header, bytes) of each message of a packet."""
    while packet:
        header = Header.from_buffer_copy(packet)
        yield header, packet[:header.length]
        packet = packet[(header.length + 7) & ~7:]


class Client:
    """One connection. Unasked messages are kept in `received` until taken."""

    def __init__(self, path, timeout=30.0):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.socket.settimeout(timeout)
        self.socket.connect(str(path))
        self.received = []
        self.rest = b""  # of a packet of several messages
        self.requests = 0

    def close(self):
        self.socket.close()

    def send(self, message, identifier, rest=b"", version=VERSION):
        """Fills in the header of a struct and sends it; returns its request number."""
        self.requests += 1
        message.header = Header(MAGIC, version, identifier,
                                ctypes.sizeof(message) + len(rest), self.requests)
        self.socket.sendall(bytes(message) + rest)
        return self.requests

    def read(self):
        """Returns (id, bytes) of the next message, or None when the other side has closed."""
        packet = self.rest or self.socket.recv(PACKET_BYTES)
        if not packet:
            return None
        header = Header.from_buffer_copy(packet)
        self.rest = packet[(header.length + 7) & ~7:]
        return header.id, packet[:header.length]

    def ask(self, message, identifier, rest=b"", version=VERSION):
        """Sends a request; returns (messages before the answer, the answer)."""
        request = self.send(message, identifier, rest, version)
        parts = []
        while True:
            found = self.read()
            if found is None:
                raise ConnectionError("the data plane has closed the contract")
            number, data = found
            if number in (SIP_RECEIVED, EVENT, SIP_LEAVES):
                self.received.append(found)
            elif number == ANSWER and Header.from_buffer_copy(data).request == request:
                return parts, Answer.from_buffer_copy(data)
            else:
                parts.append(found)
                if number == WELCOME:
                    return parts, None

    def hello(self):
        parts, _ = self.ask(Hello(), HELLO)
        return Welcome.from_buffer_copy(parts[0][1])

    def result(self, message, identifier, rest=b""):
        return self.ask(message, identifier, rest)[1].result

    def unasked(self, identifier):
        """Returns the bytes of the next unasked message of this id."""
        for at, (number, data) in enumerate(self.received):
            if number == identifier:
                del self.received[at]
                return data
        while True:
            found = self.read()
            if found is None:
                raise ConnectionError("the data plane has closed the contract")
            if found[0] == identifier:
                return found[1]
            self.received.append(found)

    def sip_received(self):
        """Returns (struct, SIP bytes) of the next SIP message handed up."""
        data = self.unasked(SIP_RECEIVED)
        return SipReceived.from_buffer_copy(data), data[ctypes.sizeof(SipReceived):]

    def event(self):
        return EventHead.from_buffer_copy(self.unasked(EVENT))

    def sip_send(self, message, sip):
        message.sip_length = len(sip)
        return self.result(message, SIP_SEND, sip)

    def counters(self):
        """Returns {name: sum over workers}."""
        parts, _ = self.ask(HeaderOnly(), COUNTERS_GET)
        sums = {}
        for _, data in parts:
            head = CountersHead.from_buffer_copy(data)
            for i in range(head.count):
                counter = Counter.from_buffer_copy(
                    data, ctypes.sizeof(CountersHead) + i * ctypes.sizeof(Counter))
                name = counter.name.decode()
                sums[name] = sums.get(name, 0) + counter.value
        return sums
