#!/usr/bin/python3
"""ESP against scapy's: what one seals the other opens, in every mode, and forgeries are refused.

    esp_scapy_test.py ESP-PIPE

          scapy's IPsec layer  ==packets==>  esp_open   \\
        (Python, OpenSSL)      <==packets==  esp_seal   / esp_pipe, behind a pipe

scapy's own UDP encapsulation writes a wrong length over IPv4, so its plain ESP is put into UDP
here. With an HMAC it leaves out the number's high half: the ICV is made here, by Python's hmac,
over the packet that scapy made. It has no GMAC: that one is made by `cryptography` round scapy's
NULL packet.
"""

import hashlib
import hmac
import ipaddress
import os
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from checklist import Checklist

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from scapy.layers.inet import IP, UDP
from scapy.layers.inet6 import IPv6
from scapy.layers.ipsec import ESP, SecurityAssociation
from scapy.packet import Raw, raw

TRANSPORT, TUNNEL, UDP_TUNNEL, UDP_TRANSPORT = 1, 2, 3, 4
MODES = {TRANSPORT: "transport", TUNNEL: "tunnel", UDP_TUNNEL: "tunnel in UDP",
         UDP_TRANSPORT: "transport in UDP"}
ESP_PORT = 4500
GCM, CBC, NULL, GMAC = "AES-GCM", "AES-CBC", "NULL", "GMAC"
#       name, cipher, key bytes (salt and all), digest, IV bytes, ICV bytes
SUITES = {1: ("AES-128-GCM", GCM, 20, None, 8, 16),
          2: ("AES-256-GCM", GCM, 36, None, 8, 16),
          3: ("AES-128-CBC-SHA-256", CBC, 16, hashlib.sha256, 16, 16),
          4: ("AES-128-CBC-SHA-1", CBC, 16, hashlib.sha1, 16, 12),
          5: ("NULL-SHA-256", NULL, 0, hashlib.sha256, 0, 16),
          6: ("AES-256-CBC-SHA-256", CBC, 32, hashlib.sha256, 16, 16),
          7: ("NULL-AES-128-GMAC", GMAC, 20, None, 8, 16)}


def ip(source, destination):
    """Returns an IP header of the addresses' family."""
    if ipaddress.ip_address(source).version == 4:
        return IP(src=source, dst=destination)
    return IPv6(src=source, dst=destination)


def reread(packet):
    """Returns the packet as scapy reads it from its bytes, lengths and checksums made anew."""
    return packet.__class__(raw(packet))


class Pipe:
    """The C side."""

    def __init__(self, program):
        self._process = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                         text=True)

    def ask(self, *words):
        self._process.stdin.write(" ".join(str(word) for word in words) + "\n")
        self._process.stdin.flush()
        return self.line()

    def line(self):
        return self._process.stdout.readline().split()

    def links(self):
        found, words = [], self.ask("links")
        while words and words[0] == "link":
            found.append(Link(words[1:]))
            words = self.line()
        return found

    def open(self, packet):
        """Returns ("pass", payload) or ("drop", reason)."""
        words = self.ask("open", raw(packet).hex())
        if words[0] == "pass":
            return "pass", bytes.fromhex(words[2] if len(words) > 2 else "")
        return words[0], words[1]

    def seal(self, link, payload):
        words = self.ask("seal", link.number, payload.hex())
        return bytes.fromhex(words[1]) if words[0] == "packet" else None

    def close(self):
        self._process.stdin.close()
        return self._process.wait(timeout=10)


class Link:
    """One SA pair, seen from the terminal: key_up is what the gateway opens with."""

    def __init__(self, words):
        self.number, self.suite, self.mode = (int(word) for word in words[:3])
        self.key_up, self.key_down = (bytes.fromhex(word) for word in words[3:5])
        self.spi = int(words[5])
        self.gateway, self.gateway_port = words[6], int(words[7])
        self.terminal, self.terminal_port = words[8], int(words[9])
        self.outer_gateway, self.outer_terminal = words[10], words[11]
        self.is_tunnel = self.mode in (TUNNEL, UDP_TUNNEL)
        self.is_in_udp = self.mode in (UDP_TUNNEL, UDP_TRANSPORT)
        (self.name, self.cipher, self.key_bytes, self.digest, self.iv_bytes,
         self.icv_bytes) = SUITES[self.suite]
        self.ivs, self.numbers = set(), set()

    def __str__(self):
        families = [f"IPv{ipaddress.ip_address(address).version}"
                    for address in (self.terminal, self.outer_terminal)]
        return (f"{self.name}, {MODES[self.mode]}, "
                + (" in ".join(families) if self.is_tunnel else families[0]))

    def _association(self, key, source, destination):
        """Returns scapy's SA; only GCM's authenticates by itself."""
        cipher = {GMAC: NULL}.get(self.cipher, self.cipher)
        return SecurityAssociation(
            ESP, spi=self.spi, crypt_algo=cipher, crypt_key=key[:self.key_bytes] if cipher != NULL
            else None, esn_en=self.cipher == GCM,
            tunnel_header=ip(source, destination) if self.is_tunnel else None)

    def _icv(self, key, esp, number):
        """Returns the ICV of a packet from the SPI to its next header, HMAC's or GMAC's."""
        high = (number >> 32).to_bytes(4, "big")
        if self.digest:
            return hmac.new(key[self.key_bytes:], esp + high, self.digest).digest()[:self.icv_bytes]
        return AESGCM(key[:16]).encrypt(key[16:20] + esp[8:16], b"",
                                        esp[:4] + high + esp[4:])

    def scapy_seal(self, payload, number, high=None):
        """Returns a packet from the terminal; high: a wrong high half of the number."""
        association = self._association(self.key_up, self.outer_terminal, self.outer_gateway)
        inner = reread(ip(self.terminal, self.gateway)
                       / UDP(sport=self.terminal_port, dport=self.gateway_port) / Raw(payload))
        claimed = number & 0xffffffff | (number >> 32 if high is None else high) << 32
        iv = number.to_bytes(8, "big") if self.iv_bytes == 8 else os.urandom(self.iv_bytes)
        if self.cipher == GCM:
            association.esn = claimed >> 32
        sealed = association.encrypt(inner, seq_num=number & 0xffffffff,
                                     iv=iv if self.cipher in (GCM, CBC) else None)
        esp = raw(sealed[ESP])
        if self.cipher == GMAC:
            esp = esp[:8] + iv + esp[8:]
        if self.cipher != GCM:
            esp += self._icv(self.key_up, esp, claimed)
        outer = ip(self.outer_terminal, self.outer_gateway)
        if self.is_in_udp:
            return raw(outer / UDP(sport=31000, dport=ESP_PORT, chksum=0) / Raw(esp))
        if isinstance(outer, IP):
            return raw(IP(src=outer.src, dst=outer.dst, proto=50) / Raw(esp))
        return raw(IPv6(src=outer.src, dst=outer.dst, nh=50) / Raw(esp))

    def scapy_open(self, packet, number):
        """Returns the inner packet of one from the gateway, its ICV verified with this number."""
        cls = IP if packet[0] >> 4 == 4 else IPv6
        outer = cls(packet)
        esp = raw(outer[UDP].payload) if self.is_in_udp else raw(outer.payload)
        association = self._association(self.key_down, self.outer_gateway, self.outer_terminal)
        if self.cipher == GCM:
            association.esn = number >> 32
        else:
            esp, icv = esp[:-self.icv_bytes], esp[-self.icv_bytes:]
            if self._icv(self.key_down, esp, number) != icv:
                raise ValueError(f"{self}: wrong ICV under number {number:#x}")
        self.ivs.add(esp[8:8 + self.iv_bytes])
        self.numbers.add(number)
        if self.cipher == GMAC:
            esp = esp[:8] + esp[16:]
        plain = cls(raw(ip(self.outer_gateway, self.outer_terminal) / ESP(esp)))
        return association.decrypt(plain)


def scapy_seals_and_we_open(checks, pipe, link):
    number = 1
    for length in (1, 2, 3, 4, 5, 15, 16, 17, 255, 256, 257, 700, 1300, 9000):
        payload = bytes(i * 7 & 0xff for i in range(length))
        found = pipe.open(link.scapy_seal(payload, number))
        if found != ("pass", payload):
            return checks.check(f"{link}: {length} bytes of scapy's open here", False, found)
        number += 1
    return checks.check(f"{link}: what scapy seals opens here, 1 to 9,000 bytes", True)


def we_seal_and_scapy_opens(checks, pipe, link):
    for number in (1, 2, 0xffffffff, 0x100000000, 0x100000001, 0x7fffffffffff):
        pipe.ask("number", link.number, number)
        for length in (1, 2, 3, 4, 700):
            payload = bytes(i * 13 & 0xff for i in range(length))
            packet = pipe.seal(link, payload)
            inner = link.scapy_open(packet, number)
            rebuilt = inner.copy()
            del rebuilt[UDP].chksum, rebuilt[UDP].len
            if (inner.src, inner.dst) != (link.gateway, link.terminal) \
                    or (inner[UDP].sport, inner[UDP].dport) != (link.gateway_port,
                                                                link.terminal_port) \
                    or raw(inner[UDP].payload) != payload \
                    or raw(rebuilt[UDP]) != raw(inner[UDP]):
                return checks.check(f"{link}: number {number:#x} opens in scapy", False,
                                    inner.show(dump=True))
            number += 1
    if link.iv_bytes:
        checks.equal(f"{link}: as many IVs as numbers", len(link.ivs), len(link.numbers))
    return checks.check(f"{link}: what we seal opens in scapy, over 32 bits and more", True)


def outer_headers_are_as_scapy_would_write_them(checks, pipe, link):
    packet = pipe.seal(link, b"payload")
    cls = IP if packet[0] >> 4 == 4 else IPv6
    outer = cls(packet)
    again = outer.copy()
    if cls is IP:
        del again.chksum, again.len
    else:
        del again.plen
    if link.is_in_udp:
        del again[UDP].len
        if cls is IPv6:
            del again[UDP].chksum
        else:
            checks.equal(f"{link}: no UDP checksum over IPv4", outer[UDP].chksum, 0)
    checks.equal(f"{link}: lengths and checksums are scapy's", packet.hex(), raw(again).hex())
    checks.equal(f"{link}: from and to the outer addresses", (outer.src, outer.dst),
                 (link.outer_gateway, link.outer_terminal))


def forgeries_and_replays_are_refused(checks, pipe, link):
    first = link.scapy_seal(b"hello", 5000)
    checks.equal(f"{link}: a jump ahead is followed", pipe.open(first), ("pass", b"hello"))
    checks.equal(f"{link}: the same again is a replay", pipe.open(first), ("drop", "esp_replay"))
    bent = bytearray(link.scapy_seal(b"hello", 5001))
    bent[-1] ^= 1
    checks.equal(f"{link}: a bent ICV is refused", pipe.open(bytes(bent)), ("drop", "esp_icv"))
    checks.equal(f"{link}: another high half is refused",
                 pipe.open(link.scapy_seal(b"hello", 5001, high=1)), ("drop", "esp_icv"))
    checks.equal(f"{link}: the right one still passes",
                 pipe.open(link.scapy_seal(b"hello", 5001)), ("pass", b"hello"))
    for number in (0xfffffffe, 0x100000000, 0xffffffff, 0x100000300, 0x1ffffff00, 0x200000001):
        checks.equal(f"{link}: number {number:#x} passes",
                     pipe.open(link.scapy_seal(b"hello", number)), ("pass", b"hello"))


def main():
    checks = Checklist()
    pipe = Pipe(sys.argv[1])
    links = pipe.links()
    checks.equal("there are links of every kind", {link.mode for link in links}, set(MODES))
    checks.equal("and of every suite", {link.suite for link in links}, set(SUITES))
    for link in links:
        scapy_seals_and_we_open(checks, pipe, link)
        forgeries_and_replays_are_refused(checks, pipe, link)
        outer_headers_are_as_scapy_would_write_them(checks, pipe, link)
        we_seal_and_scapy_opens(checks, pipe, link)
    checks.equal("the C side ends well", pipe.close(), 0)
    return checks.close()


if __name__ == "__main__":
    sys.exit(main())
