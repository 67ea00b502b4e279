"""A stranger in a hurry: thousands of messages a second, and new keys while they are under way.

The terminal of stranger.py with ESP by pyca's AES-GCM alone, since scapy takes a millisecond a
packet. The layout of a packet is that of RFC 4303 and RFC 4106. All SAs that it was ever given stay
open, so that what comes by an old one is counted too, and a rekey is a step at a time: nothing
waits for it.
"""

import select
import socket
import struct
import time

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from stranger import ANSWER_S, SIP_PORT, SUITES, Message, Stranger, expand, parameters

UDP_HEADER = struct.Struct(">HHHH")
ESP_HEADER = struct.Struct(">II")
NEXT_UDP = 17
IV_BYTES, ICV_BYTES = 8, 16


def checksum(data):
    """RFC 1071, of bytes."""
    data += b"\0" * (len(data) & 1)
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff or 0xffff


def hear(terminals, seconds):
    """Waits until one of them has something to receive; False: none had."""
    return bool(select.select([terminal.esp for terminal in terminals], [], [], seconds)[0])


class Keys:
    """One direction of an SA."""

    def __init__(self, spi, material):
        self.spi = spi
        self.aead = AESGCM(material[:-4])
        self.salt = material[-4:]
        self.top = 0  # the highest number seen

    def seal(self, number, plain):
        head = ESP_HEADER.pack(self.spi, number)
        aad = struct.pack(">III", self.spi, 0, number)
        iv = struct.pack(">Q", number)
        return head + iv + self.aead.encrypt(self.salt + iv, plain, aad)

    def open(self, packet):
        number = ESP_HEADER.unpack_from(packet)[1]
        if number <= self.top:
            raise ValueError(f"number {number} after {self.top}")
        self.top = number
        iv = packet[8:8 + IV_BYTES]
        aad = struct.pack(">III", self.spi, 0, number)
        return self.aead.decrypt(self.salt + iv, packet[8 + IV_BYTES:], aad)


class Hasty(Stranger):
    """IPv6 only."""

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self.inbound = {}  # SPI: Keys
        self.used = {}  # SPI: messages that came by it
        self.rekeys = 0
        self._is_rekeying = False
        self._pseudo = b"".join(map(self._packed, (self.address, self.gateway)))

    @staticmethod
    def _packed(address):
        return socket.inet_pton(socket.AF_INET6, address)

    def _sa(self, direction, spi):
        number, length = SUITES[self.suite]
        info = (b"sekisho esp" + bytes([direction, number]) +
                struct.pack(">II", self.spi_in, self.spi_out) + self.h123 + self.n4)
        keys = Keys(spi, expand(self.prk, info, length + 4))
        if direction == 2:
            self.inbound[spi] = keys
        return keys

    def sealed(self, data, number=None, source_port=SIP_PORT, destination_port=SIP_PORT):
        if number is None:
            self.seq_out += 1
            number = self.seq_out
        length = UDP_HEADER.size + len(data)
        pseudo = self._pseudo + struct.pack(">II", length, NEXT_UDP)
        total = checksum(pseudo + UDP_HEADER.pack(source_port, destination_port, length, 0) + data)
        plain = UDP_HEADER.pack(source_port, destination_port, length, total) + data
        pad = -(len(plain) + 2) % 4
        plain += bytes(range(1, pad + 1)) + bytes([pad, NEXT_UDP])
        return self.sa_out.seal(number, plain)

    def receive(self, seconds=ANSWER_S):
        """The next message by any of its SAs, or None."""
        until = time.monotonic() + seconds
        while True:
            left = max(0.0, until - time.monotonic())
            if not select.select([self.esp], [], [], left)[0]:
                return None
            packet, sender = self.esp.recvfrom(65536)
            keys = self.inbound.get(int.from_bytes(packet[:4], "big"))
            if sender[0] != self.gateway or keys is None:
                continue
            plain = keys.open(packet)
            self.used[keys.spi] = self.used.get(keys.spi, 0) + 1
            return Message(plain[UDP_HEADER.size:len(plain) - 2 - plain[-2]])

    # New keys, inside the SA

    def rekey_begin(self):
        """Sends message 1; rekey_go_on() takes the answers as they come among others."""
        assert not self._is_rekeying
        self._is_rekeying = True
        self.send(self.first(pad=False))

    @property
    def is_rekeying(self):
        return self._is_rekeying

    def rekey_go_on(self, message):
        """Was this received message one of the exchange? True: it has been dealt with."""
        if not self._is_rekeying or not (message.one("CSeq") or "").endswith(" REGISTER"):
            return False
        if message.status == 401 and "suite" in parameters(message.one("Security-Server") or ""):
            self.send(self.third(message))
        elif message.status == 200 and message.one("Security-Server"):
            self.fourth(message)
            self.rekeys += 1
            self._is_rekeying = False
        else:
            raise ValueError(f"a rekey is refused: {message.first}")
        return True
