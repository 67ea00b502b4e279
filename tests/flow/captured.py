"""What stood on the wires: reads pcap files, decrypts ESP with tshark, draws the ladder.

A capture directory holds one NAME.pcap for the wire to each node, as topology.py takes them. A key
file has a line for every security association, `#` beginning a comment:

    SPI KEY DESTINATION [SUITE]

SPI is 8 hexadecimal digits; KEY the key bytes in hexadecimal, in the order of docs/protocol.md 1.5
(encryption key, salt, integrity key); DESTINATION the address the packets go to; SUITE a name of
docs/protocol.md 1.6, by default the GCM suite that the length of KEY tells.
"""

import collections
import dataclasses
import ipaddress
import re
import struct
import subprocess

# What would give SIP away, whatever its case. Nothing shorter than six bytes: a capture holds
# megabytes of ciphertext, in which four given bytes turn up by chance.
SIP_WORDS = (b"SIP/2.0", b"INVITE sip", b"REGISTER sip", b"MESSAGE sip", b"OPTIONS sip", b"ACK sip",
             b"BYE sip", b"CANCEL sip", b"<sip:user", b"Route-Security", b"Record-Route",
             b"Call-ID",
             b"branch=z9hG4bK", b"Max-Forwards", b"\r\nFrom:", b"\r\nCSeq:", b"\r\nVia:")
SIP_PORT, ENCAP_PORT, PEER_PORT = 5060, 4500, 5061
# The four messages that are in clear (docs/protocol.md 1), by their first words, in order.
KEY_EXCHANGE = ("REGISTER", "SIP/2.0 401", "REGISTER", "SIP/2.0 200")

ETHER_IPV4, ETHER_ARP, ETHER_IPV6 = 0x0800, 0x0806, 0x86DD
TCP, UDP, ESP, ICMP, ICMP6 = 6, 17, 50, 1, 58
IPV6_EXTENSIONS = (0, 43, 60)
IPV6_FRAGMENT = 44


class CaptureError(Exception):
    """A capture or key file cannot be read."""


# Frames as they stood on the wire

@dataclasses.dataclass(frozen=True)
class Frame:
    time: float
    bytes: bytes


@dataclasses.dataclass(frozen=True)
class Datagram:
    """What a frame holds: kind is one of esp, udp-encap, sip, tls, arp, icmp, other."""
    kind: str
    source: str = ""
    destination: str = ""
    payload: bytes = b""


def read_pcap(path):
    """Returns the Frames of a pcap file (the classic format, Ethernet)."""
    with open(path, "rb") as file:
        data = file.read()
    order = {b"\xd4\xc3\xb2\xa1": "<", b"\xa1\xb2\xc3\xd4": ">"}.get(data[:4])
    if order is None or len(data) < 24 or struct.unpack_from(order + "I", data, 20)[0] != 1:
        raise CaptureError(f"{path}: not an Ethernet pcap file")
    frames, at = [], 24
    while at + 16 <= len(data):
        seconds, micros, kept, _ = struct.unpack_from(order + "4I", data, at)
        frames.append(Frame(seconds + micros / 1e6, data[at + 16:at + 16 + kept]))
        at += 16 + kept
    return frames


def dissect(frame):
    """Returns the Datagram of a frame; a fragment that is not the first is of kind other."""
    ether_type, = struct.unpack_from("!H", frame, 12)
    if ether_type == ETHER_ARP:
        return Datagram("arp")
    if ether_type == ETHER_IPV4 and len(frame) >= 34:
        return _dissect_ipv4(frame[14:])
    if ether_type == ETHER_IPV6 and len(frame) >= 54:
        return _dissect_ipv6(frame[14:])
    return Datagram("other")


def _dissect_ipv4(packet):
    header = (packet[0] & 15) * 4
    total, = struct.unpack_from("!H", packet, 2)
    offset, = struct.unpack_from("!H", packet, 6)
    source, destination = (str(ipaddress.ip_address(packet[at:at + 4])) for at in (12, 16))
    if offset & 0x1FFF:
        return Datagram("other", source, destination)
    return _dissect_transport(packet[9], packet[header:total], source, destination)


def _dissect_ipv6(packet):
    length, = struct.unpack_from("!H", packet, 4)
    source, destination = (str(ipaddress.ip_address(packet[at:at + 16])) for at in (8, 24))
    header, rest = packet[6], packet[40:40 + length]
    while header in IPV6_EXTENSIONS and len(rest) >= 8:
        header, rest = rest[0], rest[(rest[1] + 1) * 8:]
    if header == IPV6_FRAGMENT and len(rest) >= 8:
        if struct.unpack_from("!H", rest, 2)[0] >> 3:
            return Datagram("other", source, destination)
        header, rest = rest[0], rest[8:]
    return _dissect_transport(header, rest, source, destination)


def _dissect_transport(protocol, rest, source, destination):
    if protocol == ESP:
        return Datagram("esp", source, destination, rest)
    if protocol in (ICMP, ICMP6):
        return Datagram("icmp", source, destination, rest)
    if protocol in (TCP, UDP) and len(rest) >= 8:
        ports = struct.unpack_from("!2H", rest)
        if protocol == UDP and ENCAP_PORT in ports:
            return Datagram("udp-encap", source, destination, rest[8:])
        if protocol == UDP and SIP_PORT in ports:
            return Datagram("sip", source, destination, rest[8:])
        if protocol == TCP and PEER_PORT in ports:
            return Datagram("tls", source, destination, rest[20:])
    return Datagram("other", source, destination, rest)


# Is anything readable?

def words_in(data, words):
    """Returns those of words (bytes) that stand in data, whatever their case."""
    lower = data.lower()
    return [word.decode(errors="replace").strip() for word in words if word.lower() in lower]


def header_of(message, name):
    """Returns the first value of a header of a SIP message (text), or ''."""
    match = re.search(rf"^{re.escape(name)}[ \t]*:[ \t]*(.*?)[ \t]*\r?$", message, re.I | re.M)
    return match.group(1) if match else ""


def is_key_exchange(datagram):
    """Is this a message of the four that are in clear by design?"""
    if datagram.kind != "sip":
        return False
    text = datagram.payload.decode("latin-1")
    return (text.startswith(tuple(set(KEY_EXCHANGE)))
            and header_of(text, "CSeq").upper().endswith("REGISTER"))


@dataclasses.dataclass
class WireReport:
    """What one wire carried: frames by kind, the clear key exchanges, what should not be there."""
    kinds: collections.Counter = dataclasses.field(default_factory=collections.Counter)
    exchanges: dict = dataclasses.field(default_factory=dict)  # Call-ID: distinct messages
    complaints: list = dataclasses.field(default_factory=list)


def inspect_wire(frames, names=()):
    """Looks for readable SIP in Frames; names (text) must not be readable either.

    The four messages of each key exchange are the only ones that may be; a retransmission of one
    is not a fifth.
    """
    report = WireReport()
    words = [*SIP_WORDS, *(name.encode() for name in names)]
    for number, frame in enumerate(frames, 1):
        datagram = dissect(frame.bytes)
        report.kinds[datagram.kind] += 1
        if is_key_exchange(datagram):
            text = datagram.payload.decode("latin-1")
            messages = report.exchanges.setdefault(header_of(text, "Call-ID"), [])
            if text not in messages:
                messages.append(text)
            continue
        found = words_in(frame.bytes, words)
        if found:
            report.complaints.append(f"frame {number} ({datagram.kind}, {datagram.source} > "
                                     f"{datagram.destination}): {', '.join(found)}")
    for call_id, messages in report.exchanges.items():
        starts = tuple(message.split("\r\n")[0] for message in messages)
        if (len(starts) != len(KEY_EXCHANGE)
                or not all(a.startswith(b) for a, b in zip(starts, KEY_EXCHANGE))):
            report.complaints.append(f"key exchange {call_id}: not the four messages but "
                                     f"{', '.join(starts)}")
    return report


# Decryption

GCM = "AES-GCM with 16 octet ICV [RFC4106]"
CBC = "AES-CBC [RFC3602]"
SHA256, SHA1 = "HMAC-SHA-256-128 [RFC4868]", "HMAC-SHA-1-96 [RFC2404]"
# Suite: tshark's names, and how many bytes of the key are for encryption (with the salt).
SUITES = {
    "aes-128-gcm-16": (GCM, "NULL", 20),
    "aes-256-gcm-16": (GCM, "NULL", 36),
    "aes-128-cbc-hmac-sha-256-128": (CBC, SHA256, 16),
    "aes-128-cbc-hmac-sha-1-96": (CBC, SHA1, 16),
    "null-hmac-sha-256-128": ("NULL", SHA256, 0),
    "aes-256-cbc-hmac-sha-256-128": (CBC, SHA256, 32),
}
SUITE_OF_LENGTH = {20: "aes-128-gcm-16", 36: "aes-256-gcm-16"}


@dataclasses.dataclass(frozen=True)
class Key:
    spi: int
    key: bytes
    destination: str
    suite: str

    def uat_row(self):
        """Returns the row of tshark's ESP table. It knows no ESN, so it must not check ICVs."""
        cipher, integrity, split = SUITES[self.suite]
        family = "IPv6" if ":" in self.destination else "IPv4"
        fields = (family, "*", self.destination, f"0x{self.spi:08x}",
                  cipher, _uat_key(self.key[:split]), integrity, _uat_key(self.key[split:]))
        return ",".join(f'"{field}"' for field in fields)


def _uat_key(key):
    return f"0x{key.hex()}" if key else ""


def read_keys(path):
    """Returns the Keys of a key file."""
    keys = []
    with open(path) as file:
        for number, line in enumerate(file, 1):
            words = line.partition("#")[0].split()
            if not words:
                continue
            try:
                spi, key, destination, *suite = words
                key = bytes.fromhex(key)
                suite = suite[0] if suite else SUITE_OF_LENGTH[len(key)]
                if suite not in SUITES:
                    raise ValueError(suite)
                keys.append(Key(int(spi, 16), key, str(ipaddress.ip_address(destination)), suite))
            except (ValueError, KeyError) as error:
                raise CaptureError(f"{path}:{number}: not SPI KEY DESTINATION [SUITE]") from error
    return keys


@dataclasses.dataclass(frozen=True)
class Message:
    """A SIP message as it stood on a wire; spi is None if it was in clear."""
    time: float
    source: str
    destination: str
    spi: int
    text: str

    def start_line(self):
        return self.text.partition("\r\n")[0]

    def lines_of(self, name):
        """Returns the values of every line of a header, top first."""
        head = self.text.partition("\r\n\r\n")[0]
        found = (line.partition(":") for line in head.split("\r\n")[1:])
        return [value.strip() for key, _, value in found if key.strip().lower() == name.lower()]


FIELDS = ("frame.time_epoch", "esp.spi", "ip.src", "ipv6.src", "ip.dst", "ipv6.dst", "udp.payload")


def decode(path, keys):
    """Returns (Messages, number of ESP packets that no key opened) of a pcap file."""
    command = ["tshark", "-n", "-r", str(path), "-o", "esp.enable_encryption_decode:TRUE",
               "-o", "esp.enable_authentication_check:FALSE", "-Y", "esp or udp.port == 5060"]
    for key in keys:
        command += ["-o", "uat:esp_sa:" + key.uat_row()]
    command += ["-T", "fields", "-E", "separator=|", "-E", "occurrence=l"]
    for field in FIELDS:
        command += ["-e", field]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        raise CaptureError(f"tshark on {path}: {done.stderr.strip()}")
    messages, closed = [], 0
    for line in done.stdout.splitlines():
        time, spi, source4, source6, destination4, destination6, payload = line.split("|")
        text = bytes.fromhex(payload.replace(":", "")).decode("utf-8", "replace")
        if "SIP/2.0" not in text.partition("\r\n")[0]:
            closed += bool(spi)
            continue
        messages.append(Message(float(time), source6 or source4, destination6 or destination4,
                                int(spi, 16) if spi else None, text))
    return messages, closed


# The ladder

@dataclasses.dataclass(frozen=True)
class Column:
    """One node of the drawing: what it is called and the addresses it has."""
    title: str
    addresses: tuple


COLUMN_WIDTH = 24
SHOWN = ("From", "To", "Route-Security")


def place_of(columns, address):
    """Returns the column that has an address, or None."""
    for number, column in enumerate(columns):
        if address in column.addresses:
            return number
    return None


def hop_number(columns, source, destination):
    """Returns 1, 2, 3 from left to right and 4, 5, 6 back, as for four nodes in a row."""
    hops = len(columns) - 1
    return source + 1 if destination > source else hops + (hops - source) + 1


def distinct(messages):
    """Returns the messages without those seen before on the same hop: retransmissions, and what
    was captured at both ends of the way."""
    seen, kept = set(), []
    for message in sorted(messages, key=lambda message: message.time):
        identity = (message.source, message.destination, message.text)
        if identity not in seen:
            seen.add(identity)
            kept.append(message)
    return kept


def ladder(columns, messages):
    """Returns the drawing's lines: an arrow a message, and its From, To and Route-Security."""
    lines = ["".join(column.title.center(COLUMN_WIDTH) for column in columns).rstrip()]
    for message in distinct(messages):
        source = place_of(columns, message.source)
        destination = place_of(columns, message.destination)
        if source is None or destination is None or source == destination:
            continue
        hop = hop_number(columns, source, destination)
        lines += _arrow(len(columns), source, destination, f"{hop} {_short(message)}")
        for name in SHOWN:
            lines += [_beside(len(columns), f"{name}: {value}") for value in message.lines_of(name)]
    return lines


def _short(message):
    """Returns the method, or status with its method: 'INVITE', '180 INVITE'."""
    first = message.start_line().split(" ")
    if first[0].upper() != "SIP/2.0":
        return first[0]
    method = header_of(message.text, "CSeq").rpartition(" ")[2]
    return f"{first[1]} {method}"


def _rails(count):
    return list("".join("|".center(COLUMN_WIDTH) for _ in range(count)))


def _arrow(count, source, destination, label):
    rails = _rails(count)
    middles = [at for at, char in enumerate(rails) if char == "|"]
    left, right = sorted((middles[source], middles[destination]))
    body = f" {label} ".center(right - left - 2, "-")[:right - left - 2]
    body = body + ">" if destination > source else "<" + body
    rails[left + 1:right] = body
    return ["".join(_rails(count)).rstrip(), "".join(rails).rstrip()]


def _beside(count, text):
    """Returns text right of the first rail: it tells of the arrow above it."""
    middle = _rails(count).index("|")
    return " " * middle + "|    " + text
