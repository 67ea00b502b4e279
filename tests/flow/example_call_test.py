#!/usr/bin/python3
"""example_call.py finds every message of the example, and every way in which one may differ."""

import pathlib
import re
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
from captured import Message
from checklist import Checklist
from example_call import COLUMNS, COMPARED, OPAQUE, call_ids, compare, read_calls

ENDS = {1: (0, 1), 2: (1, 2), 3: (2, 3), 4: (3, 2), 5: (2, 1), 6: (1, 0)}


def played(call):
    """Returns the Messages of a call as they would be captured if all was right."""
    messages = []
    for time, expected in enumerate(call):
        lines = [expected.start]
        for name in (*COMPARED, "Contact"):
            lines += [f"{name}: {value}" for value in expected.values(name)]
        text = OPAQUE.sub(lambda opaque: "v" + opaque.group(1), "\r\n".join(lines)) + "\r\n\r\n"
        source, destination = (COLUMNS[column].addresses[0] for column in ENDS[expected.hop])
        messages.append(Message(float(time), source, destination, 1, text))
    return messages


def changed(messages, number, old, new):
    """Returns messages with a text of one of them replaced."""
    message = messages[number]
    assert old in message.text
    text = message.text.replace(old, new, 1)
    return [*messages[:number],
            Message(message.time, message.source, message.destination, 1, text),
            *messages[number + 1:]]


def main():
    checks = Checklist()
    calls = read_calls()
    checks.equal("the file holds seven calls", len(calls), 7)
    for name, call in calls.items():
        complaints, _ = compare(call, played(call))
        checks.equal(f"the call '{name}' as it should be is found right", complaints, [])
    call = calls["call"]
    right = played(call)
    checks.equal("the call has 18 messages on 6 hops",
                 (len(call), sorted({expected.hop for expected in call})), (18, [1, 2, 3, 4, 5, 6]))

    def is_found(sentence, messages, pattern):
        complaints, _ = compare(call, messages)
        checks.check(sentence, any(re.search(pattern, line) for line in complaints), complaints)

    is_found("a lost message is found", right[1:], "INVITE, hop 1: was never there")
    is_found("a second INVITE of the same call is found",
             right + [changed(right, 0, "1 INVITE", "2 INVITE")[0]], "should not be there")
    is_found("a wrong level is found", changed(right, 2, "level=3", "level=2"), "Route-Security")
    is_found("a Route-Security line too few is found",
             changed(right, 2, "Route-Security: [2001:6789::5060];level=3\r\n", ""),
             "Route-Security")
    is_found("lines in the wrong order are found",
             changed(right, 4, "Record-Route: <sip:vtokenB@[2001:abcd::5060]:5060;lr>\r\n"
                               "Record-Route: <sip:vtokenA@[2001:6789::5060]:5060;lr>",
                     "Record-Route: <sip:vtokenA@[2001:6789::5060]:5060;lr>\r\n"
                     "Record-Route: <sip:vtokenB@[2001:abcd::5060]:5060;lr>"), "Record-Route")
    is_found("a token that changes on the way is found",
             changed(right, 2, "vtokenA", "vother"), "Record-Route")
    is_found("two opaque values that are the same are found",
             [changed([message], 0, "va1", "vt1")[0] if "va1" in message.text else message
              for message in right], "are the same")
    is_found("a header that should not be there is found",
             changed(right, 3, "Call-ID:", "Max-Forwards: 1\r\nCall-ID:"), "Max-Forwards")
    late = right + [changed(right, 0, "Max-Forwards: 70", "Max-Forwards: 70\r\nX: y")[0]]
    checks.equal("a retransmission is not compared", compare(call, late)[0], [])
    denied = calls["denied by gateway B"]
    other = [Message(m.time, m.source, m.destination, 1, m.text.replace("user-d@", "user-x@"))
             for m in played(denied)]
    checks.equal("another callee's name may stand for user-d", compare(
        denied, other, replace=[("user-d@", "user-x@")])[0], [])
    checks.check("but not without being told", compare(denied, other)[0] != [])
    checks.equal("Call-IDs come in the order of their calls", call_ids(
        [*right, *changed(right, 0, "Call-ID: vcall", "Call-ID: later")[:1]]), ["vcall", "later"])
    return checks.close()


if __name__ == "__main__":
    sys.exit(main())
