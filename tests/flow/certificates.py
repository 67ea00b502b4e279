"""Certificates of a test run: one authority, and for every gateway one that names its domain."""

import pathlib

from topology import run

DAYS = "2"


class Authority:
    """A certificate authority that lives in a directory: ca.pem, and NAME.pem with NAME.key."""

    def __init__(self, directory):
        self.directory = pathlib.Path(directory)
        self.certificate = self.directory / "ca.pem"
        self._key = self.directory / "ca.key"
        self._openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                      "-noenc", "-keyout", self._key, "-out", self.certificate, "-days", DAYS,
                      "-subj", "/CN=test authority",
                      "-addext", "basicConstraints=critical,CA:TRUE",
                      "-addext", "keyUsage=critical,keyCertSign")

    def issue(self, name, alternative_names):
        """Issues for names such as 'DNS:abc.com'; returns (certificate path, key path)."""
        certificate, key = self.directory / f"{name}.pem", self.directory / f"{name}.key"
        request, extensions = self.directory / f"{name}.csr", self.directory / f"{name}.ext"
        extensions.write_text(f"subjectAltName=critical,{','.join(alternative_names)}\n"
                              "basicConstraints=critical,CA:FALSE\n"
                              "keyUsage=critical,digitalSignature\n"
                              "extendedKeyUsage=serverAuth,clientAuth\n")
        self._openssl("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                      "-noenc", "-keyout", key, "-out", request, "-subj", "/")
        self._openssl("x509", "-req", "-in", request, "-CA", self.certificate, "-CAkey", self._key,
                      "-CAcreateserial", "-out", certificate, "-days", DAYS,
                      "-extfile", extensions)
        key.chmod(0o600)
        return certificate, key

    def _openssl(self, *arguments):
        run(["openssl", *arguments])
