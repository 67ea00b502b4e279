#!/usr/bin/python3
"""Fails when a file in the repository leaves work for later, or a source file has no test.

    house_is_tidy_test.py SOURCE-ROOT

A test of PATH/STEM.c is a C file in tests/unit or tests/contract that is named for it (STEM_test.c,
or with the folder's name before) and includes a header of its folder. Where a noun is cut into
several files (scram.c, scram_messages.c), the test of the noun (scram_test.c) is for all of them.
"""

import pathlib
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from checklist import Checklist

# In two halves, so that this file does not find itself.
FOR_LATER = re.compile(rb"\b(TO" rb"DO|FIX" rb"ME|XX" rb"X)\b")

STARTS_DPDK = pathlib.Path("dataplane/eal_init.c")

# Files without a test named for them: by what they are tested, and why there and not alone. The
# first field is a file or a pattern.
TESTED_THROUGH = (
    ("dataplane/control.c", "tests/flow/flow_ports.py",
     "one loop over everything that arrives: that test has it all arrive"),
    ("dataplane/control_rings.c", "tests/flow/flow_ports.py", "likewise"),
    ("dataplane/process.c", "tests/flow/flow_ports.py",
     "starts the whole, and ends it leaving nothing"),
    ("dataplane/io/exception_ports.c", "tests/flow/flow_ports.py",
     "needs a kernel at its other end"),
    ("dataplane/io/mirror.c", "tests/flow/flow_ports.py", "what the kernel says by netlink"),
    ("dataplane/io/netlink.c", "tests/flow/flow_ports.py", "what the kernel is asked by netlink"),
    ("dataplane/io/port.c", "tests/flow/flow_ports.py", "needs a device"),
    ("dataplane/io/tap.c", "tests/flow/flow_ports.py", "needs /dev/net/tun and a namespace"),
    ("dataplane/nodes/drop.c", "tests/unit/dataplane_process/nodes_ring_ends_test.c",
     "the ends of a packet's way are tested together"),
    ("dataplane/nodes/exception.c", "tests/unit/dataplane_process/nodes_ring_ends_test.c",
     "likewise"),
    ("dataplane/nodes/handoff.c", "tests/unit/dataplane_process/nodes_ring_ends_test.c",
     "likewise"),
    ("dataplane/nodes/handoff_in.c", "tests/flow/flow_workers.py",
     "a source: it means something between two workers that run"),
    ("dataplane/nodes/inject.c", "tests/unit/dataplane_process/nodes_ring_ends_test.c", "likewise"),
    ("dataplane/nodes/rx.c", "tests/flow/flow_ports.py", "a source: it needs a port"),
    ("dataplane/nodes/to_control.c", "tests/unit/dataplane_process/nodes_ring_ends_test.c",
     "likewise"),
    ("dataplane/nodes/to_peer_tls.c", "tests/unit/dataplane_process/nodes_ring_ends_test.c",
     "likewise"),
    ("dataplane/nodes/unresolved.c", "tests/unit/dataplane_process/nodes_ring_ends_test.c",
     "likewise"),
    ("terminal/agent/arrivals.c", "tests/flow/flow_terminal.py",
     "datagrams of every kind come there over real sockets"),
    ("terminal/agent/roaming.c", "tests/flow/flow_life.py", "what the kernel says by netlink"),
    ("terminal/local/connection*.c", "tests/unit/terminal/local_local_test.c",
     "a connection has two ends, which that test has"),
    ("terminal/agent/local_side.c", "tests/flow/flow_sipp.py",
     "joins sockets, media and user agent, which are tested alone"),
    ("terminal/ua/call_ack.c", "tests/unit/terminal/ua_negotiating_test.c",
     "an ACK is where the negotiation ends"),
    ("terminal/ua/call_unanswered.c", "tests/unit/terminal/ua_exchange_test.c",
     "silence is one of the ends that an exchange may have"),
    ("terminal/ua/body.c", "tests/unit/terminal/ua_carrying_test.c",
     "a body is one of the things that are carried"),
    ("controlplane/cli/admin_link.c", "tests/unit/controlplane/cli/session_test.c",
     "a link needs somebody who answers, which that test has"),
    ("controlplane/cli/tables.c", "tests/unit/controlplane/cli/grammar_test.c",
     "the tables are what the grammar reads"),
    ("controlplane/peers/dial.c", "tests/unit/peers/peers_test.c",
     "its sockets carry every connection of that test"),
    ("controlplane/peers/epoch.c", "tests/unit/peers/peers_test.c",
     "an epoch is what two peers make together"),
    ("controlplane/peers/keying.c", "tests/unit/peers/peers_test.c",
     "keys come out of a TLS connection, which both ends must have"),
    ("controlplane/peers/link.c", "tests/unit/peers/peers_test.c", "it takes two ends"),
    ("controlplane/peers/link_epochs.c", "tests/unit/peers/peer_epochs_test.c", "likewise"),
    ("controlplane/peers/link_messages.c", "tests/unit/peers/peers_links_test.c", "likewise"),
    ("controlplane/peers/peer_show.c", "tests/unit/peers/tls_fault_test.c",
     "it shows what came of connections, which that test makes"),
    ("controlplane/peers/sip_link.c", "tests/unit/peers/trunk_test.c", "it takes two ends"),
    ("controlplane/peers/peer_world.c", "tests/unit/peers/peers_test.c",
     "which port, and whom to tell: every peer there does both"),
    ("controlplane/peers/peer.c", "tests/unit/peers/peers_test.c",
     "what it does shows in SAs and peer lines, which that test records"),
    *((f"dataplane/nodes/{name}.c", "tests/unit/rules/nodes_test.c",
       "a thin node: its step is in dataplane/rules, its edge in this test")
      for name in ("sip_parse", "from_check", "hop_check", "dialog", "policy", "locate", "rewrite",
                   "response", "bad_gateway", "reply", "rules_output")),
    ("terminal/agent/commands*.c", "tests/unit/terminal/agent_test.c",
     "a command means something only to an agent that runs"),
    ("terminal/agent/awaiting.c", "tests/unit/terminal/agent_test.c", "likewise its end"),
    ("terminal/agent/signalling.c", "tests/unit/terminal/link_test.c",
     "the link is what it takes into use; that it is, the flow tests see"),
    ("terminal/agent/presence*.c", "tests/unit/terminal/agent_test.c",
     "likewise; what it says to a gateway is in attach_test.c and ua_outside_test.c"),
    ("terminal/control/*.c", "tests/unit/terminal/agent_test.c",
     "the two ends of one socket, each tested with the other"),
    ("terminal/link/sockets.c", "tests/unit/terminal/link_test.c",
     "the link is what sends and receives on them"),
    ("terminal/password.c", "tests/unit/terminal/settings_test.c", "its header is settings.h"),
    ("terminal/ua/answering.c", "tests/unit/terminal/ua_requests_test.c",
     "it answers requests"),
    ("terminal/ua/call.c", "tests/unit/terminal/ua_call_in_test.c",
     "what both sides of a call have in common"),
    ("terminal/ua/responses.c", "tests/unit/terminal/ua_call_out_test.c",
     "responses mean something only to who asked"),
    ("terminal/ua/sending.c", "tests/unit/terminal/ua_outside_test.c",
     "what all requests have in common"),
)
# main() puts parts together and runs: what it does, the flow tests see from outside.
NO_UNIT_TEST_NAMES = {"main.c"}


def tracked_files(root):
    """Returns what git holds; safe.directory because root tests what a user cloned."""
    listed = subprocess.run(["git", "-c", f"safe.directory={root}", "-C", root, "ls-files", "-z"],
                            capture_output=True, check=True).stdout
    return [root / name.decode() for name in listed.split(b"\0") if name]


def left_for_later(root, files):
    found = []
    for path in files:
        if path.is_file():
            for number, line in enumerate(path.read_bytes().splitlines(), 1):
                if FOR_LATER.search(line):
                    found.append(f"{path.relative_to(root)}:{number}: "
                                 f"{line.decode(errors='replace').strip()}")
    return found


def test_names_for(source):
    """Returns the names a test of a source file (path from the top) may have."""
    words = source.stem.split("_")
    names = set()
    for length in range(1, len(words) + 1):
        name = "_".join(words[:length])
        names.add(name)
        for part in reversed(source.parts[:-1]):
            name = f"{part}_{name}"
            names.add(name)
    return names


def is_tested_through(source):
    return any(source.match(pattern) for pattern, _, _ in TESTED_THROUGH)


def bad_exceptions(root):
    """Returns the entries of TESTED_THROUGH that name no file, or a test that is not there."""
    return [pattern for pattern, test, _ in TESTED_THROUGH
            if not list(root.glob(pattern)) or not (root / test).is_file()]


def untested(root):
    """Returns the source files (paths from the top) that no test is named for."""
    tests = [path for folder in ("unit", "contract")
             for path in (root / "tests" / folder).rglob("*.c")]
    subjects = {}
    for path in tests:
        subjects.setdefault(re.sub(r"^test_|_test$", "", path.stem), []).append(path)
    missing = []
    for part in ("shared", "dataplane", "controlplane", "terminal"):
        for path in sorted((root / part).rglob("*.c")):
            source = path.relative_to(root)
            if path.name in NO_UNIT_TEST_NAMES or is_tested_through(source):
                continue
            candidates = [test for name in test_names_for(source)
                          for test in subjects.get(name, [])]
            if not any(str(source.parent) in test.read_text() for test in candidates):
                missing.append(str(source))
    return missing


def starts_of_dpdk(root):
    """Returns the C files that start DPDK by themselves: eal_init() leaves no directory behind, this does."""
    return [str(source) for part in ("dataplane", "bench", "tests")
            for source in sorted(path.relative_to(root) for path in (root / part).rglob("*.c"))
            if re.search(r"\brte_eal_init\(", (root / source).read_text()) and source != STARTS_DPDK]


def check_that_it_can_fail(checks):
    with tempfile.TemporaryDirectory() as name:
        root = pathlib.Path(name)
        for path, text in {
            "shared/sip/uri.c": "", "shared/sip/uri_equal.c": "", "shared/sip/via.c": "",
            "shared/sip/frame.c": "",
            "terminal/frame.c": "", "terminal/main.c": "", "docs/plan.md": "TO" "DO: write\n",
            "dataplane/eal_init.c": "rte_eal_init(1, words);\n", "bench/bench.c": "rte_eal_init(1, words);\n",
            "tests/unit/shared/uri_test.c": '#include "shared/sip/uri.h"\n',
            "tests/unit/dataplane/eal_init_test.c": '#include "dataplane/eal_init.h"\n',
            "tests/unit/shared/sip_frame_test.c": '#include "shared/sip/frame.h"\n',
        }.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(text)
        checks.equal("a planted file without a test is found, a tested one is not", untested(root),
                     ["shared/sip/via.c", "terminal/frame.c"])
        checks.equal("a planted word for later is found",
                     left_for_later(root, [path for path in root.rglob("*") if path.is_file()]),
                     ["docs/plan.md:1: TO" "DO: write"])
        checks.equal("a planted start of DPDK is found, the one place for it is not", starts_of_dpdk(root),
                     ["bench/bench.c"])


def main():
    root = pathlib.Path(sys.argv[1]).resolve()
    checks = Checklist()
    check_that_it_can_fail(checks)
    files = tracked_files(root)
    checks.check("git holds this tree", len(files) > 10)
    checks.equal("nothing is left for later", left_for_later(root, files), [])
    checks.equal("every source file has a test", untested(root), [])
    checks.equal("DPDK is started in one place, which leaves no directory behind", starts_of_dpdk(root), [])
    checks.equal("every exception names files and a test that are there", bad_exceptions(root), [])
    return checks.close()


if __name__ == "__main__":
    sys.exit(main())
