#!/usr/bin/python3
"""What scripts/closing-lines makes of a test log: the sum, and of what failed all that it said.

    closing_lines_test.py SOURCE-ROOT
"""

import json
import pathlib
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from checklist import Checklist


def record(name, result, stdout, stderr="", returncode=0):
    return {"name": f"sekisho:flow / {name}", "result": result, "stdout": stdout, "stderr": stderr,
            "returncode": returncode, "duration": 1.5, "command": [name, "--all"]}


LONG = "the first line\nFAILED  the call is set up\n        expected 1\n" + \
    "".join(f"line {number}\n" for number in range(500)) + "2 passed, 1 failed\n"
GOOD = [record("good", "OK", "3 passed, 0 failed\n"),
        record("cmocka", "OK", "[  PASSED  ] 4 test(s).\n"),
        record("silent", "OK", ""), record("left_out", "SKIP", "no kernel for it")]


def closed(directory, records):
    """Returns (exit status, what was printed)."""
    log = pathlib.Path(directory) / "testlog.json"
    log.write_text("".join(json.dumps(each) + "\n" for each in records))
    done = subprocess.run([sys.argv[1] + "/scripts/closing-lines", log], capture_output=True,
                          text=True, check=False)
    return done.returncode, done.stdout


def check_good(checks, directory):
    status, said = closed(directory, GOOD)
    checks.equal("what passed is counted", said.splitlines()[-1], "all programs: 8 passed, 0 failed")
    checks.equal("and is a success", status, 0)
    checks.check("nothing is put away as failed", not (directory / "failed").exists())
    status, said = closed(directory, [])
    checks.equal("no test at all is no success", (status, said),
                 (1, "all programs: 0 passed, 0 failed\n"))


def check_failed(checks, directory):
    status, said = closed(directory, [*GOOD, record("long", "FAIL", LONG, "at the end\n", 1),
                                      record("killed", "TIMEOUT", "2 passed, 0 failed\n", "", -15)])
    lines = said.splitlines()
    checks.equal("one that failed and one that did not end make it a failure", status, 1)
    checks.equal("both are counted", lines[-1], "all programs: 12 passed, 2 failed")
    kept = directory / "failed/long.txt"
    text = kept.read_text()
    checks.check("all that it printed is kept", LONG in text and "at the end" in text, text[:300])
    checks.check("with how it was called and how it ended",
                 text.startswith("command: long --all\nresult: FAIL, exit status 1, after 1.5 s"),
                 text[:300])
    checks.check("where, is said", f"all of its output is in {kept}" in said, said[-500:])
    checks.check("what failed is said, though it stands far above the end",
                 "FAILED  the call is set up" in lines, said)
    checks.check("and the last lines, not those before", "line 499" in lines and "line 9" not in lines)
    checks.check("who was killed is kept as well", (directory / "failed/killed.txt").exists())
    closed(directory, GOOD)
    checks.check("the next run takes away what failed in this one", not kept.exists())


def main():
    checks = Checklist()
    with tempfile.TemporaryDirectory() as name:
        check_good(checks, pathlib.Path(name))
        check_failed(checks, pathlib.Path(name))
    return checks.close()


if __name__ == "__main__":
    sys.exit(main())
