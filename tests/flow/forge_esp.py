"""ESP that is not ours: sealed with pyca's AES-GCM, and put on a wire under any source address."""

import ipaddress
import struct
import subprocess
import sys

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

ESP, UDP = 50, 17
SALT_BYTES = 4
SEND = """
import socket, sys
out = socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_RAW)
out.sendto(sys.stdin.buffer.read(), (sys.argv[1], 0))
"""


def udp(source, destination, payload, port=5060):
    """Returns the UDP datagram (RFC 768) from port to port between two IPv6 addresses."""
    head = struct.pack("!HHHH", port, port, 8 + len(payload), 0)
    ends = b"".join(ipaddress.ip_address(end).packed for end in (source, destination))
    summed = ends + struct.pack("!II", len(head) + len(payload), UDP) + head + payload
    summed += bytes(len(summed) % 2)
    total = sum(struct.unpack(f"!{len(summed) // 2}H", summed))
    total = (total & 0xFFFF) + (total >> 16)
    total = (total & 0xFFFF) + (total >> 16)
    return head[:6] + struct.pack("!H", (~total & 0xFFFF) or 0xFFFF) + payload


def sealed(spi, key, number, payload, next_header):
    """Returns the ESP packet (RFC 4303, RFC 4106, extended numbers) under key and salt."""
    pad = -(len(payload) + 2) % 4
    plain = payload + bytes(range(1, pad + 1)) + bytes((pad, next_header))
    iv = struct.pack("!Q", number)
    body = AESGCM(key[:-SALT_BYTES]).encrypt(key[-SALT_BYTES:] + iv, plain,
                                             struct.pack("!IQ", spi, number))
    return struct.pack("!II", spi, number & 0xFFFFFFFF) + iv + body


def inject(net, name, source, destination, packet):
    """Sends an ESP packet from a node of the test network as if it came from source (IPv6)."""
    header = struct.pack("!IHBB", 6 << 28, len(packet), ESP, 60)
    ends = b"".join(ipaddress.ip_address(end).packed for end in (source, destination))
    subprocess.run(net.command(name, [sys.executable, "-c", SEND, destination]),
                   input=header + ends + packet, check=True)
