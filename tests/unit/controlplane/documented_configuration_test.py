#!/usr/bin/python3
"""Fails when the example in docs/configuration.md is not what the control plane takes.

    documented_configuration_test.py SOURCE-ROOT SEKISHO-CONTROLPLANE
"""

import pathlib
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))
from checklist import Checklist


def example_of(page, title):
    """Returns the YAML block that follows a line which names the file."""
    text = page.read_text()
    found = re.search(re.escape(title) + r".*?```yaml\n(.*?)```", text, re.S)
    return found.group(1) if found else ""


def keys_of(page):
    """Returns the first words of the control plane's table: `a.b`, `.c` -> a.b, a.c."""
    keys = []
    for cell in re.findall(r"^\| (`[^|]*`) \|", page.read_text(), re.M):
        names = re.findall(r"`([^`]+)`", cell)
        keys += [names[0]] + [names[0].rsplit(".", 1)[0] + name if name.startswith(".") else name
                              for name in names[1:]]
    return keys


def known_to(source):
    """Returns every key that the control plane's reader asks a file for."""
    text = "".join(path.read_text() for path in (source / "controlplane").glob("config[._]*c"))
    return set(re.findall(r'\(\w+, "([a-z-]+)",', text)) | set(
        re.findall(r'\(\s*\w+,\s*"([a-z-]+)",', text))


def main():
    source, program = pathlib.Path(sys.argv[1]), sys.argv[2]
    page = source / "docs/configuration.md"
    checks = Checklist()
    example = example_of(page, "/etc/sekisho/controlplane.yaml")
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        subprocess.run([source / "scripts/make-certificates", folder, "abc.com"], check=True,
                       capture_output=True)
        file = folder / "controlplane.yaml"
        file.write_text(example)
        result = subprocess.run([program, "--config", file, "-t"], capture_output=True, text=True)
        checks.equal("the example passes the check", result.stderr, "")
        checks.equal("and that is said by the status", result.returncode, 0)
        file.write_text(example + "no-such-key: 1\n")
        result = subprocess.run([program, "--config", file, "-t"], capture_output=True, text=True)
        checks.check("a wrong example would not", result.returncode == 1 and
                     "no-such-key" in result.stderr, result.stderr)
    documented = {part for key in keys_of(page) for part in key.split(".")}
    checks.equal("every key that is read is documented", sorted(known_to(source) - documented), [])
    checks.equal("every key that is documented is read", sorted(documented - known_to(source)), [])
    return checks.close()


if __name__ == "__main__":
    sys.exit(main())
