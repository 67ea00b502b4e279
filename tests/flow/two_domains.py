"""The patent's example (P20) made ready: two domains, two gateways, two terminals, policy.

         t1 ------- to-t1 +--------+ to-gwa ------- gwa  abc.com
     user-a@abc.com       | router |
         t2 ------- to-t2 +--------+ to-gwb ------- gwb  xyz.com
     user-b@xyz.com
"""

import captured
from example_call import call_ids
from topology import PATENT, wait_until

NODES = PATENT
PEERS_S = 30.0
USER_A, USER_B = "user-a@abc.com", "user-b@xyz.com"
DENIED, UNKNOWN = "user-d@xyz.com", "user-x@xyz.com"
ELSEWHERE = "user-c@abc.com"


class TwoDomains:
    """Both gateways run, know each other and their subscribers; the terminals are not started.

    settings are further settings of both control planes' files, link those of what each says of
    the other.
    """

    def __init__(self, run, family=6, workers=1, link=(), **settings):
        self.run = run
        self.gateway_a = run.gateway("gwa", "abc.com", family=family, workers=workers,
                                     **settings)
        self.gateway_b = run.gateway("gwb", "xyz.com", family=family, workers=workers,
                                     peers=[self.gateway_a], **settings)
        for gateway in (self.gateway_a, self.gateway_b):
            gateway.link = dict(link)
            gateway.start()
        self.add_subscribers()
        self.add_policy()
        wait_until(self.is_linked, PEERS_S, "the gateways have keyed each other")
        self.terminal_1 = run.terminal("t1", self.gateway_a, USER_A, "correct horse a",
                                       family=family)
        self.terminal_2 = run.terminal("t2", self.gateway_b, USER_B, "correct horse b",
                                       family=family)

    def add_subscribers(self):
        self.gateway_a.add_subscriber(USER_A, "correct horse a")
        self.gateway_a.add_subscriber(ELSEWHERE, "correct horse c")
        self.gateway_b.add_subscriber(USER_B, "correct horse b")
        self.gateway_b.add_subscriber(DENIED, "correct horse d")

    def add_policy(self):
        """user-a and user-b may call each other; nothing allows anybody to reach user-d."""
        self.gateway_a.ctl("policy", "add", 10, "allow", USER_A, "@xyz.com", "any")
        self.gateway_a.ctl("policy", "add", 10, "allow", USER_B, USER_A, "any")
        self.gateway_b.ctl("policy", "add", 10, "allow", USER_A, USER_B, "any")
        self.gateway_b.ctl("policy", "add", 10, "allow", USER_B, "@abc.com", "any")

    def start_terminals(self, one=(), two=()):
        """Starts both terminals with these options and waits until they are registered."""
        self.terminal_1.start(*one)
        self.terminal_2.start(*two)
        for terminal in (self.terminal_1, self.terminal_2):
            self.run.check(f"{terminal.aor} is registered", terminal.wait_for("registered"))

    def is_linked(self):
        return all(all(peer["state"] == "up" and peer["sas_out"] for peer in gateway.show("peers"))
                   and gateway.show("peers") for gateway in (self.gateway_a, self.gateway_b))


def key_file(run):
    """Gathers the keys that terminals and gateways logged for the test; returns the file."""
    path = run.directory / "keys"
    parts = [*run.terminals.values(), *run.gateways.values()]
    path.write_text("".join(part.key_log.read_text() for part in parts if part.key_log.exists()))
    return path


def read_wires(run, captures):
    """Returns {wire: Messages} as tshark decrypts them."""
    keys = captured.read_keys(key_file(run))
    wires = {}
    for name, capture in captures.items():
        capture.stop()
        wires[name], _ = captured.decode(capture.path, keys)
        run.equal(f"the capture on the wire of {name} is complete", capture.lost, 0)
    return wires


def calls_in(messages):
    """Returns the messages of each call, in the order the calls began."""
    calls = []
    for call_id in call_ids(messages):
        call = [message for message in messages if message.lines_of("Call-ID") == [call_id]]
        if any(message.start_line().startswith("INVITE ") for message in call):
            calls.append(call)
    return calls
