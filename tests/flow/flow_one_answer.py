#!/usr/bin/python3
"""A gateway answers once: the kernel beside the data plane on the same wire stays silent.

         t1 ---- to-t1 +--------+ to-gwa ---- gwa  abc.com
                       | router |
                       +--------+
"""

import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
from knocking import frames_in, knock, ping
from sekisho_flow import Scenario
from topology import GWA, READY_S, T1, wait_until

ANSWER_S = 10.0


def main():
    run = Scenario((T1, GWA))
    with run:
        run.gateway("gwa", "abc.com").start_dataplane()
        for family in (6, 4):
            address = GWA.address(family)
            wait_until(lambda: ping(run.topology, "t1", address, ANSWER_S), READY_S,
                       f"{address} answers a ping")
        capture = run.topology.capture("gwa")["gwa"]
        for family in (6, 4):
            address = GWA.address(family)
            run.check(f"a ping over IPv{family} is answered",
                      ping(run.topology, "t1", address, ANSWER_S))
            knock(run.topology, "t1", address, family)
        wait_until(lambda: "5099" in "".join(frames_in(capture.path, "src", GWA.ipv4)),
                   READY_S, "the last knock's answer")
        capture.stop()
        answers = frames_in(capture.path, "src", GWA.ipv6, "or", "src", GWA.ipv4)

        def count(*words):
            return sum(all(word in frame for word in words) for frame in answers)
        run.equal("two pings, two answers", count("echo reply"), 2)
        run.equal("port unreachable is said of the closed UDP port only, once for each family",
                  (count("unreachable"), count("unreachable", "udp port 9")), (2, 2))
        run.equal("nobody says that ESP is unreachable",
                  count("protocol 50 unreachable") + count("parameter problem"), 0)
        run.equal("the closed TCP port is refused once for each family", count("Flags [R."), 2)
    return run.status


if __name__ == "__main__":
    sys.exit(main())
