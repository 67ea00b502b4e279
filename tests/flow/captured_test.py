#!/usr/bin/python3
"""captured.py on captures that scapy made: it decrypts, finds what is readable, draws the
ladder."""

import io
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
import captured
from checklist import Checklist

from scapy.all import ARP, IP, TCP, UDP, Ether, ICMPv6EchoRequest, IPv6, Raw, fragment6, wrpcap
from scapy.layers.inet6 import IPv6ExtHdrFragment
from scapy.layers.ipsec import ESP, SecurityAssociation

T1, A, B, T2 = "2001:1234::10", "2001:6789::5060", "2001:abcd::5060", "2001:cdef::10"
COLUMNS = [captured.Column(title, (address,)) for title, address in
           (("terminal 1", T1), ("gateway A", A), ("gateway B", B), ("terminal 2", T2))]
DECODE = HERE.parent.parent / "scripts/decode-capture"


def sip(start, series, cseq="1 INVITE"):
    """Returns a SIP message with a Route-Security line for each address of series."""
    lines = [start, f"Via: SIP/2.0/UDP [{T1}]:5060;branch=z9hG4bKt1;rport",
             *(f"Route-Security: [{address}];level=3" for address in series),
             "From: <sip:user-a@abc.com>;tag=a", "To: <sip:user-b@xyz.com>", "Call-ID: call",
             f"CSeq: {cseq}", "Max-Forwards: 70", "", ""]
    return "\r\n".join(lines)


def register(start, call_id="kex", extra=""):
    return (f"{start}\r\nFrom: <sip:user-a@abc.com>;tag=k\r\nTo: <sip:user-a@abc.com>\r\n"
            f"Call-ID: {call_id}\r\nCSeq: 1 REGISTER\r\n{extra}\r\n")


EXCHANGE = [(T1, A, register("REGISTER sip:abc.com SIP/2.0", extra="Security-Padding: 000\r\n")),
            (A, T1, register("SIP/2.0 401 Unauthorized")),
            (T1, A, register("REGISTER sip:abc.com SIP/2.0", extra="Security-Cookie: c\r\n")),
            (A, T1, register("SIP/2.0 200 OK"))]


def udp6(source, destination, text):
    return IPv6(src=source, dst=destination) / UDP(sport=5060, dport=5060) / Raw(text)


def gcm(spi, key, esn=True, **options):
    return SecurityAssociation(ESP, spi=spi, crypt_algo="AES-GCM", crypt_key=key, esn_en=esn,
                               esn=0, **options)


def seal(association, packet):
    """Returns the packet in ESP. scapy leaves a wrong UDP length when it encapsulates in UDP."""
    sealed = association.encrypt(packet)
    if UDP in sealed:
        del sealed[UDP].len, sealed[UDP].chksum
    return type(packet)(bytes(sealed))


def ether():
    return Ether(src="02:00:00:00:00:01", dst="02:00:00:00:00:02")


def capture(directory, name, packets, times=None):
    """Writes a pcap of packets (IP or Ethernet) seen at times, in ms; returns its path."""
    path = pathlib.Path(directory) / f"{name}.pcap"
    frames = []
    for packet, time in zip(packets, times or range(len(packets))):
        frame = packet if isinstance(packet, Ether) else ether() / packet
        frame.time = 1700000000 + time / 1000
        frames.append(frame)
    wrpcap(str(path), frames)
    return path


def key_file(directory, lines):
    path = pathlib.Path(directory) / "keys"
    path.write_text("\n".join(lines) + "\n")
    return path


def check_decryption(checks, directory):
    k128, k256 = bytes(range(20)), bytes(range(36))
    cbc, mac = bytes(range(16)), bytes(range(32))
    invite = sip("INVITE sip:user-b@xyz.com SIP/2.0", [T1])
    packet4 = IP(src="198.18.1.10", dst="198.18.2.60") / UDP(sport=5060, dport=5060) / Raw(invite)
    tunnel = gcm(0x01000004, k128, nat_t_header=UDP(sport=4500, dport=4500),
                 tunnel_header=IP(src="198.18.9.9", dst="198.18.2.60"))
    cbc_sa = SecurityAssociation(ESP, spi=0x01000003, crypt_algo="AES-CBC", crypt_key=cbc,
                                 auth_algo="SHA2-256-128", auth_key=mac)
    path = capture(directory, "suites", [
        seal(gcm(0x01000001, k128), udp6(T1, A, invite)),
        seal(gcm(0x01000002, k256), packet4),
        seal(cbc_sa, udp6(T1, A, invite)),
        seal(tunnel, packet4),
        seal(gcm(0x01000005, k128), udp6(T1, A, invite)),
    ])
    keys = captured.read_keys(key_file(directory, [
        "# the test's keys", f"01000001 {k128.hex()} {A}", f"01000002 {k256.hex()} 198.18.2.60",
        f"01000003 {(cbc + mac).hex()} {A} aes-128-cbc-hmac-sha-256-128",
        f"01000004 {k128.hex()} 198.18.2.60 aes-128-gcm-16 # in UDP 4500",
    ]))
    messages, closed = captured.decode(path, keys)
    found = {message.spi: message for message in messages}
    for spi, what in ((0x01000001, "AES-128-GCM over IPv6"), (0x01000002, "AES-256-GCM over IPv4"),
                      (0x01000003, "AES-CBC with HMAC-SHA-256"),
                      (0x01000004, "tunnel mode in UDP 4500")):
        text = found[spi].text if spi in found else ""
        checks.equal(f"{what} is decrypted to the bytes that went in", text, invite)
    checks.equal("an SA whose key is not in the file stays closed", closed, 1)
    inner = found.get(0x01000004)
    checks.equal("a tunnelled message is shown with its inner source",
                 inner and inner.source, "198.18.1.10")
    checks.equal("Route-Security is read line by line",
                 messages[0].lines_of("route-security"), [f"[{T1}];level=3"])


def check_key_file(checks, directory):
    for line in ("01000001", f"0100000g {'00' * 20} {A}", f"01000001 {'00' * 19} {A}",
                 f"01000001 {'00' * 20} nowhere", f"01000001 {'00' * 20} {A} rot13"):
        try:
            captured.read_keys(key_file(directory, [line]))
            refused = ""
        except captured.CaptureError as error:
            refused = str(error)
        checks.check(f"the key line '{line[:40]}' is refused with its place", ":1:" in refused)


def complaints_of(directory, packets, names=("user-a", "user-b")):
    path = capture(directory, "wire", packets)
    return captured.inspect_wire(captured.read_pcap(path), names)


def check_readability(checks, directory):
    sealed = seal(gcm(0x01000001, bytes(20)), udp6(T1, A, sip("INVITE sip:b SIP/2.0", [T1])))
    exchange = [udp6(*message) for message in EXCHANGE]
    report = complaints_of(directory, [*exchange, exchange[2], exchange[3], sealed])
    checks.equal("the four messages, two of them again, and ESP are in order", report.complaints,
                 [])
    checks.equal("ESP and key exchange are counted apart",
                 (report.kinds["esp"], report.kinds["sip"]), (1, 6))
    other = [ether() / ARP(), IPv6(src=T1, dst=A) / ICMPv6EchoRequest(),
             IPv6(src=A, dst=B) / TCP(sport=40000, dport=5061) / Raw(b"\x16\x03\x01")]
    report = complaints_of(directory, other)
    checks.equal("ARP, ICMP and TLS are told apart",
                 [report.kinds[kind] for kind in ("arp", "icmp", "tls")], [1, 1, 1])

    def is_found(sentence, packets, word):
        complaints = complaints_of(directory, packets).complaints
        checks.check(sentence, any(word in complaint for complaint in complaints), complaints)

    clear = udp6(T1, A, sip("INVITE sip:user-b@xyz.com SIP/2.0", [T1]))
    is_found("an INVITE in clear is found", [clear], "INVITE sip")
    is_found("the same in lower case is found",
             [udp6(T1, A, sip("invite SIP:user-b@xyz.com sip/2.0", [T1]))], "INVITE sip")
    is_found("SIP in TCP is found",
             [IPv6(src=A, dst=B) / TCP(sport=40000, dport=5061) / Raw(b"SIP/2.0 200 OK")],
             "SIP/2.0")
    is_found("a user's name anywhere is found",
             [IPv6(src=A, dst=B) / UDP(sport=1, dport=2) / Raw(b"xx user-a xx")], "user-a")
    null = SecurityAssociation(ESP, spi=5, crypt_algo="NULL", auth_algo="SHA2-256-128",
                               auth_key=bytes(32))
    is_found("ESP without encryption is found",
             [seal(null, udp6(T1, A, sip("BYE sip:b SIP/2.0", [T1])))], "BYE sip")
    large = fragment6(IPv6(src=T1, dst=A) / IPv6ExtHdrFragment() / UDP(sport=5060, dport=5060)
                      / Raw(b"x" * 1500 + b"Route-Security: [::1]"), 1280)
    is_found("SIP in a later fragment is found", [large[1]], "Route-Security")
    is_found("a fifth message of a key exchange is found",
             exchange + [udp6(T1, A, register("REGISTER sip:abc.com SIP/2.0", extra="X: y\r\n"))],
             "not the four messages")
    is_found("a key exchange refused is not taken for one that went well",
             exchange[:3] + [udp6(A, T1, register("SIP/2.0 403 Forbidden"))], "SIP/2.0")
    is_found("a REGISTER that answers another method is not a key exchange",
             [udp6(A, T1, sip("SIP/2.0 200 OK", [], cseq="2 BYE"))], "SIP/2.0")


def check_ladder(checks, directory):
    keys = {address: bytes([number]) * 20 for number, address in enumerate((T1, A, B, T2))}
    request = "INVITE sip:user-b@xyz.com SIP/2.0"
    path = [(T1, A, request, [T1]), (A, B, request, [A, T1]), (B, T2, request, [B, A, T1]),
            (T2, B, "SIP/2.0 180 Ringing", [B, A, T1]), (B, A, "SIP/2.0 180 Ringing", [B, A, T1]),
            (A, T1, "SIP/2.0 180 Ringing", [B, A, T1])]
    associations = {}
    wires = {T1: [], A: [], B: [], T2: []}  # of each node's wire: (time, packet)
    for time, (source, destination, start, series) in enumerate(path):
        number = len(associations) + 1
        association = associations.setdefault((source, destination), gcm(number, keys[destination]))
        packet = seal(association, udp6(source, destination, sip(start, series)))
        wires[source].append((2 * time, packet))
        wires[destination].append((2 * time + 1, packet))
    for name, address in (("t1", T1), ("gwa", A), ("gwb", B), ("t2", T2)):
        times, packets = zip(*wires[address])
        capture(directory, name, packets, times)
    lines = [f"{association.spi:08x} {keys[destination].hex()} {destination}"
             for (_, destination), association in associations.items()]
    done = subprocess.run([DECODE, directory, key_file(directory, lines), "--name", "user-a"],
                          capture_output=True, text=True)
    checks.equal("decode-capture is content with it", done.returncode, 0)
    drawn = done.stdout.splitlines()
    arrows = [line for line in drawn if " INVITE -" in line or " 180 INVITE -" in line]
    checks.equal("six messages, twice captured, make six arrows", len(arrows), 6)
    checks.equal("their hops are 1 to 6",
                 [int(next(word for word in line.replace("<", " ").replace("-", " ").split()
                           if word.isdigit())) for line in arrows], [1, 2, 3, 4, 5, 6])
    checks.equal("every Route-Security line stands below its arrow",
                 sum("Route-Security: " in line for line in drawn), 1 + 2 + 3 + 3 + 3 + 3)
    checks.equal("so do From and To", sum(": <sip:user-" in line for line in drawn), 12)
    checks.check("arrows point the right way",
                 all((">" in arrow) == (number < 3) and ("<-" in arrow) == (number >= 3)
                     for number, arrow in enumerate(arrows)), arrows)
    capture(directory, "t1", [udp6(T1, A, sip(request, [T1]))])
    done = subprocess.run([DECODE, directory, key_file(directory, lines)],
                          capture_output=True, text=True)
    checks.equal("decode-capture fails when something was readable", done.returncode, 1)


def check_the_closing_line(checks):
    for passes, expected in ((True, ("1 passed, 0 failed", 0)), (False, ("0 passed, 1 failed", 1))):
        out = io.StringIO()
        inner = Checklist(out)
        inner.check("a sentence", passes)
        status = inner.close()
        checks.equal(f"a check that is {passes} closes as it must",
                     (out.getvalue().splitlines()[-1], status), expected)
    checks.equal("no check at all is a failure", Checklist(io.StringIO()).close(), 1)


def main():
    checks = Checklist()
    for check in (check_decryption, check_key_file, check_readability, check_ladder):
        with tempfile.TemporaryDirectory() as directory:
            check(checks, directory)
    check_the_closing_line(checks)
    return checks.close()


if __name__ == "__main__":
    sys.exit(main())
