#!/usr/bin/python3
"""Fails when a program that is installed gives who found a hole in it more than it must.

    programs_are_hardened_test.py PROGRAM...

Read by readelf: loaded anywhere (PIE), bound as a whole at the start with what it is bound by
read-only from then on (full RELRO), no stack or other memory both written and run, functions with
buffers guarded (stack protector).
"""

import pathlib
import re
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from checklist import Checklist


def readelf(option, program):
    return subprocess.run(["readelf", "--wide", option, program], check=True, text=True,
                          stdout=subprocess.PIPE, env={"PATH": "/usr/bin:/bin", "LC_ALL": "C"}).stdout


def judge(checks, program):
    name = pathlib.Path(program).name
    header, segments = readelf("--file-header", program), readelf("--program-headers", program)
    dynamic, symbols = readelf("--dynamic", program), readelf("--dyn-syms", program)
    checks.check(f"{name} is loaded anywhere", re.search(r"Type:\s+DYN", header) and
                 re.search(r"FLAGS_1.*\bPIE\b", dynamic), header)
    checks.check(f"{name} is bound at its start", re.search(r"FLAGS_1.*\bNOW\b", dynamic), dynamic)
    checks.check(f"{name}'s bindings are read-only", "GNU_RELRO" in segments, segments)
    stack = re.search(r"GNU_STACK(?:\s+0x\w+){5}\s+([RWE ]+?)\s+0x", segments)
    checks.equal(f"{name}'s stack is not run", stack and stack[1].replace(" ", ""), "RW")
    loaded = re.findall(r"LOAD(?:\s+0x\w+){5}\s+([RWE ]+?)\s+0x", segments)
    checks.check(f"{name} has no memory both written and run",
                 loaded and not any({"W", "E"} <= set(flags) for flags in loaded), loaded)
    checks.check(f"{name}'s buffers are guarded", "__stack_chk_fail" in symbols)


def main():
    checks = Checklist()
    for program in sys.argv[1:]:
        judge(checks, program)
    return checks.close()


if __name__ == "__main__":
    sys.exit(main())
