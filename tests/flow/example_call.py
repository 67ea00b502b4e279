"""Compares captured messages with example_call.txt: byte for byte, but for the opaque values.

    calls = read_calls()
    complaints, values = compare(calls["call"], COLUMNS, messages)

Compared are the start line and the headers of COMPARED; what a message says beyond them (a body,
Supported, ...) is its own affair. A retransmission is not compared again.
"""

import pathlib
import re

from captured import Column, distinct, hop_number, place_of

FILE = pathlib.Path(__file__).resolve().parent / "example_call.txt"
COLUMNS = (Column("terminal 1", ("2001:1234::10",)), Column("gateway A", ("2001:6789::5060",)),
           Column("gateway B", ("2001:abcd::5060",)), Column("terminal 2", ("2001:cdef::10",)))
COMPARED = ("Via", "Route", "Record-Route", "Route-Security", "From", "To", "Call-ID", "CSeq",
            "Max-Forwards")
ALSO_IF_EXPECTED = ("Contact",)
OPAQUE = re.compile(r"\{([\w-]+)\}")


class Expectation:
    """One message of a call on one hop: its start line and header lines, with {names}."""

    def __init__(self, title, hop, lines):
        self.title = title
        self.hop = hop
        self.start = next(line for line in lines if ": " not in line)
        self._headers = [line.split(": ", 1) for line in lines if line != self.start]

    def values(self, name):
        return [value for key, value in self._headers if key == name]

    def kind(self):
        """Returns what tells it from the call's other messages on this hop."""
        return kind_of(self.start, self.values("CSeq")[0])


def kind_of(start, cseq):
    first, second = start.split(" ")[:2]
    return (second if first == "SIP/2.0" else first, cseq)


def read_calls(path=FILE):
    """Returns {name of the call: [Expectation, in the order they are to be seen]}."""
    calls, call = {}, None
    for block in re.split(r"\n(?=== |-- )", "\n" + path.read_text()):
        head, *lines = [line for line in block.strip().splitlines() if line]
        if head.startswith("== "):
            call = calls.setdefault(head[3:], [])
        elif head.startswith("-- "):
            everywhere, *hops = re.split(r"\n(?=hop \d)", "\n" + "\n".join(lines))
            for hop in hops:
                number, *own = hop.splitlines()
                call.append(Expectation(head[3:], int(number[4:]),
                                        everywhere.strip().splitlines() + own))
    return calls


def matches(template, text, values):
    """Is text the template? Names bound in values stand for what they are bound to; new ones are
    bound, in values, only if all of it matches."""
    pattern, seen = "", set()
    at = 0
    for opaque in OPAQUE.finditer(template):
        name = opaque.group(1)
        pattern += re.escape(template[at:opaque.start()])
        group = "opaque_" + name.replace("-", "_")
        if name in values:
            pattern += re.escape(values[name])
        elif name in seen:
            pattern += f"(?P={group})"
        else:
            pattern += rf"(?P<{group}>[^;,<>\s]+)"
            seen.add(name)
        at = opaque.end()
    match = re.fullmatch(pattern + re.escape(template[at:]), text)
    if match is None:
        return False
    for name in seen:
        values[name] = match.group("opaque_" + name.replace("-", "_"))
    return True


def message_complaints(expected, message, values):
    """Returns what is wrong with a message, a line each."""
    where = f"{expected.title}, hop {expected.hop}"
    complaints = []
    if not matches(expected.start, message.start_line(), values):
        complaints.append(f"{where}: not '{expected.start}' but '{message.start_line()}'")
    names = [*COMPARED, *(name for name in ALSO_IF_EXPECTED if expected.values(name))]
    for name in names:
        wanted, found = expected.values(name), message.lines_of(name)
        same = len(wanted) == len(found) and all(
            matches(template, text, values) for template, text in zip(wanted, found))
        if not same:
            complaints.append(f"{where}: {name}")
            complaints += [f"    expected {line}" for line in wanted or ["none"]]
            complaints += [f"    found    {line}" for line in found or ["none"]]
    return complaints


def call_ids(messages):
    """Returns the Call-IDs of the messages, in the order they began."""
    ordered = sorted(messages, key=lambda message: message.time)
    return list(dict.fromkeys(value for message in ordered for value in message.lines_of("Call-ID")))


def compare(call, messages, columns=COLUMNS, replace=(), ignore=("100",)):
    """Compares the messages of one call with a list of Expectations.

    replace: (old, new) texts, for a call that is the same but for a name. ignore: statuses to pass
    over; a 100 is nobody's business but its two hops'. Returns (complaints, {name: opaque value}).
    """
    on_hop = {}
    for message in distinct(messages):
        source = place_of(columns, message.source)
        destination = place_of(columns, message.destination)
        if source is None or destination is None:
            continue
        kind = kind_of(message.start_line(), (message.lines_of("CSeq") or [""])[0])
        if kind[0] not in ignore:
            hop = hop_number(columns, source, destination)
            on_hop.setdefault((hop, kind), []).append(message)
    complaints, values = [], {}
    for expected in call:
        expected = _replaced(expected, replace)
        found = on_hop.pop((expected.hop, expected.kind()), None)
        if found is None:
            complaints.append(f"{expected.title}, hop {expected.hop}: was never there")
        else:
            complaints += message_complaints(expected, found[0], values)
    for (hop, kind), found in on_hop.items():
        complaints.append(f"hop {hop}: {' '.join(kind)} should not be there ({len(found)} times)")
    complaints += _same_values(values)
    return complaints, values


def _replaced(expected, replace):
    lines = [expected.start, *(f"{name}: {value}" for name, value in expected._headers)]
    for old, new in replace:
        lines = [line.replace(old, new) for line in lines]
    return Expectation(expected.title, expected.hop, lines)


def _same_values(values):
    """Two names of opaque values that have the same value are no opaque values."""
    first = {}
    return [f"{{{name}}} and {{{first[value]}}} are the same: {value}"
            for name, value in values.items() if first.setdefault(value, name) != name]
