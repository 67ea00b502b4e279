"""A certificate authority of sekishoctl's, for gateways and terminals of a measurement."""

from gateway import DOMAIN
from lab import run

PER_SECOND = 1000000  # certificates that the gateway may verify: as many as it can


class Authority:
    """In `folder`: the CA, its key, its list, and the gateway's certificate."""

    def __init__(self, lab):
        self.folder = lab.make_directory("authority") / "ca"
        self._program = lab.program("controlplane/cli/sekishoctl")
        self._do("init", self.folder, "--domain", DOMAIN)
        self._do("issue", self.folder, DOMAIN)

    def _do(self, *words):
        run([self._program, "ca", *words])

    def settings(self):
        """What stands under `certificates` in a gateway's configuration."""
        return {"certificate": str(self.folder / f"{DOMAIN}.pem"),
                "key": str(self.folder / f"{DOMAIN}.key"),
                "ca": str(self.folder / "ca.pem"), "crl": str(self.folder / "ca.crl"),
                "per-second": PER_SECOND}
