"""sekisho-loadgen as a process that is given jobs and tells what became of each."""

import json
import signal
import subprocess

from gateway import ROUTER
from lab import LabError


class Loadgen:
    def __init__(self, lab, device, terminals, family=6, core=0, netns=None, proxy="sekisho",
                 frames_mb=1024, authority=None):
        self.directory = lab.make_directory("loadgen")
        argv = [lab.program("bench/loadgen/sekisho-loadgen"), "--json", "--terminals", terminals,
                "--vdev", device, "--router", ROUTER[family], "--proxy", proxy, "--frames-mb", frames_mb,
                "--file-prefix", lab.dpdk_prefix("loadgen")]
        if core is not None:
            argv += ["--core", core]
        if authority:
            argv += ["--authority", authority]
        if not lab.hugepages:
            argv.append("--no-huge")
        self.process = lab.spawn(argv, self.directory, "loadgen", netns=netns,
                                 stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def do(self, scenario, **settings):
        """Has it carry out a job; returns its report."""
        words = [scenario, *(f"{key}={value}" for key, value in settings.items())]
        try:
            self.process.popen.stdin.write(" ".join(words) + "\n")
            self.process.popen.stdin.flush()
            line = self.process.popen.stdout.readline()
        except BrokenPipeError:
            line = ""
        if not line:
            raise LabError(f"the generator ended: {self.process.output()[-1000:]}")
        return json.loads(line)

    def stop(self):
        """Ends it; returns its exit status."""
        try:
            self.process.popen.stdin.close()
        except BrokenPipeError:
            pass
        return self.process.stop(signal.SIGCONT)
