#!/usr/bin/python3
"""Fails when one plane includes or links another, or shared/ anything but libc and hashes.

    planes_stay_apart_test.py SOURCE-ROOT BUILD-ROOT

Dependencies run one way: dataplane -> shared, controlplane -> shared, terminal -> shared. Every
include of ours names its file by the path from the top, so a scan of the includes shows all.
"""

import pathlib
import re
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from checklist import Checklist

PARTS = ("shared", "dataplane", "controlplane", "terminal")
MAY_INCLUDE = {
    "shared": {"shared"},
    "dataplane": {"dataplane", "shared"},
    "controlplane": {"controlplane", "shared"},
    "terminal": {"terminal", "shared"},
}

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.M)
DPDK = re.compile(r"^(rte_|cmdline)")
SOCKETS = re.compile(
    r"^(sys/(socket|un|select|epoll)\.h|poll\.h|netdb\.h|netinet/|net/|event2/"
    r"|linux/(if|net|rt|in6?\b|tcp|udp|un)|openssl/(ssl|bio)\.h)")
# arpa/inet.h stays out of this: it is how libc reads and writes addresses as text.
DPDK_LIBRARY = re.compile(r"\blibrte_|-lrte_")


def includes_of(path):
    """Yields (line number, opening bracket or quote, what is included)."""
    text = path.read_text(errors="replace")
    for match in INCLUDE.finditer(text):
        line = text.count("\n", 0, match.start(2)) + 1
        yield line, match.group(1), match.group(2)


def complaint_about(part, bracket, name):
    """Returns why a file of part may not include name, or None."""
    if DPDK.match(name.rsplit("/", 1)[-1]):
        return None if part == "dataplane" else f"{part}/ does not know DPDK"
    if part == "shared" and bracket == "<" and SOCKETS.match(name):
        return "shared/ knows no sockets"
    first = name.split("/", 1)[0]
    if first in PARTS and first not in MAY_INCLUDE[part]:
        return f"{part}/ may not include {first}/"
    if bracket == '"' and first not in PARTS:
        return "includes of ours name the file by its path from the top"
    if bracket == "<" and first in PARTS:
        return "includes of ours stand in quotes"
    return None


def include_complaints(root):
    complaints = []
    for part in PARTS:
        for path in sorted((root / part).rglob("*.[ch]")):
            for line, bracket, name in includes_of(path):
                why = complaint_about(part, bracket, name)
                if why:
                    complaints.append(f"{path.relative_to(root)}:{line}: {name}: {why}")
    return complaints


def ninja_statements(text):
    """Yields (output, inputs and variables) of each build statement of a build.ninja."""
    for block in re.split(r"\n(?=build )", text.replace("$\n", "")):
        match = re.match(r"build ([^:]+): \S*_LINKER\S* (.*)", block, re.S)
        if match:
            yield match.group(1).split()[0], match.group(2)


def link_complaints(build):
    """One plane's program or library links no object or library of another."""
    complaints = []
    for output, inputs in ninja_statements((build / "build.ninja").read_text()):
        part = output.split("/", 1)[0]
        if part not in PARTS:
            continue
        for word in inputs.split():
            first = word.lstrip("./").split("/", 1)[0]
            if first in PARTS and first not in MAY_INCLUDE[part]:
                complaints.append(f"{output}: links {word}")
            if part != "dataplane" and DPDK_LIBRARY.search(word):
                complaints.append(f"{output}: links {word}, DPDK is the data plane's")
    return complaints


BAD_INCLUDES = {
    "dataplane/nodes/peek.c": '#include "controlplane/store/store.h"\n',
    "controlplane/peek.c": 'int x;\n  #  include "dataplane/worker.h"\n',
    "terminal/peek.c": '#include "controlplane/registrar/registrar.h"\n',
    "terminal/esp.c": '#include "dataplane/esp/esp.h"\n',
    "shared/sip/peek.c": '#include "dataplane/worker.h"\n',
    "shared/sip/mbuf.c": "#include <rte_mbuf.h>\n",
    "shared/contract/dial.c": "#include <sys/socket.h>\n",
    "shared/contract/dial6.c": "#include <netinet/in.h>\n",
    "controlplane/mbuf.h": "#include <rte_mbuf.h>\n",
    "dataplane/nodes/relative.c": '#include "relative.h"\n',
    "dataplane/nodes/upward.c": '#include "../../controlplane/store/store.h"\n',
    "terminal/bracket.c": "#include <controlplane/store/store.h>\n",
}
GOOD_INCLUDES = {
    "dataplane/worker.c": '#include "dataplane/worker.h"\n#include "shared/result.h"\n'
                          "#include <rte_mbuf.h>\n#include <sys/socket.h>\n",
    "controlplane/main.c": '#include "controlplane/ctl/ctl.h"\n#include <openssl/ssl.h>\n',
    "shared/sip/uri.c": '#include "shared/slice.h"\n#include <openssl/sha.h>\n'
                        '/* #include in a sentence */\n',
}
BAD_NINJA = """\
build controlplane/sekisho-controlplane: c_LINKER controlplane/main.c.o dataplane/esp/esp.c.o
 LINK_ARGS = -lssl
build dataplane/sekisho-dataplane: c_LINKER dataplane/main.c.o | controlplane/libpolicy.a
 LINK_ARGS = -lrte_eal
build terminal/sekisho-terminal: c_LINKER terminal/main.c.o shared/libshared.a
 LINK_ARGS = /usr/lib/x86_64-linux-gnu/librte_eal.so
"""
GOOD_NINJA = """\
build controlplane/sekisho-controlplane: c_LINKER controlplane/main.c.o | shared/libshared.a
 LINK_ARGS = -lssl
build dataplane/sekisho-dataplane: c_LINKER dataplane/main.c.o
 LINK_ARGS = shared/libshared.a -lrte_eal
build tests/unit/both: c_LINKER dataplane/a.c.o controlplane/b.c.o
 LINK_ARGS = -lcmocka
"""


def plant(root, files):
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def check_that_it_can_fail(checks):
    with tempfile.TemporaryDirectory() as name:
        root = pathlib.Path(name)
        plant(root, BAD_INCLUDES)
        complaints = include_complaints(root)
        for planted in BAD_INCLUDES:
            checks.check(f"a planted {planted} is found",
                         any(c.startswith(planted + ":") for c in complaints), complaints)
        plant(root, {"build.ninja": BAD_NINJA})
        complaints = link_complaints(root)
        for program in ("controlplane", "dataplane", "terminal"):
            checks.check(f"a planted bad link line of the {program} is found",
                         any(c.startswith(program) for c in complaints), complaints)
    with tempfile.TemporaryDirectory() as name:
        root = pathlib.Path(name)
        plant(root, dict(GOOD_INCLUDES, **{"build.ninja": GOOD_NINJA}))
        checks.equal("right includes are not complained about", include_complaints(root), [])
        checks.equal("right link lines are not complained about", link_complaints(root), [])


def main():
    source, build = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    checks = Checklist()
    check_that_it_can_fail(checks)
    checks.check("there are sources to look at", any((source / "shared").rglob("*.h")))
    checks.equal("no plane includes another", include_complaints(source), [])
    checks.equal("no plane links another", link_complaints(build), [])
    return checks.close()


if __name__ == "__main__":
    sys.exit(main())
