"""Kamailio 5.6 as the proxy of another domain, reached by SIP over TLS, user agents behind it by
UDP.

Its script relays: what is for its domain to the user agents at its ports, what is for the gateway's
domain to the gateway by TLS. It echoes nothing and knows nothing of Route-Security; where a request
has "X-Hop: yes" it adds the entry that a script of its operator would add.
"""

import signal

from sipp import SCENARIOS, TIME_S, Sipp
from topology import READY_S, TopologyError, wait_until

UA_PORT = 5070
CALLER_PORT = 5072

SCRIPT = """#!KAMAILIO
debug=2
log_stderror=yes
# one reads what the phones say, in the order in which they say it
children=1
tcp_children=2
auto_aliases=no
enable_tls=yes
tls_port_no=5061
dns=no
rev_dns=no
listen=udp:[{address}]:5060
listen=tls:[{address}]:5061
alias="{domain}"
mpath="/usr/lib/x86_64-linux-gnu/kamailio/modules"
loadmodule "tls.so"
loadmodule "kex.so"
loadmodule "corex.so"
loadmodule "tm.so"
loadmodule "sl.so"
loadmodule "pv.so"
loadmodule "rr.so"
loadmodule "maxfwd.so"
loadmodule "textops.so"
loadmodule "siputils.so"
modparam("tls", "config", "{tls}")

request_route {{
    if (!mf_process_maxfwd_header("10")) {{
        sl_send_reply("483", "Too Many Hops");
        exit;
    }}
    if (is_method("CANCEL")) {{
        if (t_check_trans()) t_relay();
        exit;
    }}
    if (has_totag()) {{
        if (loose_route()) {{
            route(RELAY);
        }} else if (is_method("ACK") && t_check_trans()) {{
            t_relay();
        }} else if (!is_method("ACK")) {{
            sl_send_reply("404", "Not here");
        }}
        exit;
    }}
    t_check_trans();
    if (is_method("INVITE|SUBSCRIBE")) record_route();
    if ($rd == "{domain}") {{
{branches}
    }} else if ($rd == "{other_domain}") {{
        $du = "sip:[{other}]:5061;transport=tls";
    }} else {{
        sl_send_reply("404", "Not here");
        exit;
    }}
    route(RELAY);
}}

route[RELAY] {{
    if ($hdr(X-Hop) == "yes") insert_hf("Route-Security: [{address}];level=3\\r\\n");
    if (!t_relay()) sl_reply_error();
    exit;
}}
"""

TLS = """[server:default]
method = TLSv1.2+
verify_certificate = yes
require_certificate = yes
certificate = {certificate}
private_key = {key}
ca_list = {authority}
[client:default]
method = TLSv1.2+
verify_certificate = yes
require_certificate = yes
certificate = {certificate}
private_key = {key}
ca_list = {authority}
"""


class Kamailio:
    def __init__(self, run, name, domain, gateway, certified=None, ports=(UA_PORT,)):
        """Makes, but does not start, the proxy of domain in the namespace of a node.

        certified is the domain its certificate names, if that is to be another. With several ports
        it forks: what is for its domain goes to the user agents at all of them.
        """
        self.run = run
        self.name = name
        self.domain = domain
        self.node = run.topology.nodes[name]
        self.directory = run.directory / f"kamailio-{name}"
        self.directory.mkdir()
        certificate, key, authority = run.certificate(certified or domain)
        tls = self.directory / "tls.cfg"
        tls.write_text(TLS.format(certificate=certificate, key=key, authority=authority))
        self.script = self.directory / "kamailio.cfg"
        self.script.write_text(SCRIPT.format(
            address=self.node.address(), domain=domain, tls=tls, branches=self._branches(ports),
            other=gateway.node.address(), other_domain=gateway.domain))
        self.process = None

    def _branches(self, ports):
        ways = [f'        $du = "sip:[{self.node.address()}]:{port};transport=udp";' for port in ports]
        return "\n        append_branch();\n".join(ways)

    def peer(self, **settings):
        """Returns what the gateway's configuration says of it."""
        return {"name": self.domain, "domains": [self.domain], "transport": "sip-tls",
                "addresses": [self.node.address()], **settings}

    def start(self):
        self.process = self.run.topology.spawn(self.name, [
            "kamailio", "-DD", "-E", "-f", self.script, "-Y", self.directory, "-P",
            self.directory / "pid", "-m", "64", "-M", "8"], log=f"{self.name}-kamailio")
        wait_until(lambda: self.is_listening() or not self.process.is_alive(), READY_S,
                   "Kamailio listens")
        if not self.process.is_alive():
            raise TopologyError(f"Kamailio does not start\n{self.process.output()[-1000:]}")
        return self

    def is_listening(self):
        return any(line.split()[3:4] == ["0A"] and line.split()[1].endswith(":13C5")
                   for line in self.run.topology.exec(
                       self.name, ["cat", "/proc/net/tcp6"]).stdout.splitlines()[1:])

    def stop(self):
        return self.process.stop(signal.SIGTERM)


class UserAgent(Sipp):
    """SIPp behind the proxy, with a scenario of sipp/ and values for its keys."""

    def __init__(self, run, kamailio, scenario, port, **keys):
        self.run = run
        self.terminal = kamailio  # in whose namespace it runs
        self.scenario = scenario
        self.port = port
        self.process = None
        self.directory = run.directory / f"behind-{kamailio.name}-{scenario}-{port}"
        self.directory.mkdir(exist_ok=True)
        address = kamailio.node.address()
        self.command = ["sipp", f"[{address}]:5060", "-sf", SCENARIOS / f"{scenario}.xml",
                        "-i", address, "-p", port, "-m", 1, "-l", 1, "-nostdin",
                        "-timeout", f"{TIME_S}s", "-timeout_error", "-trace_err", "-error_file",
                        self.directory / "errors", "-trace_msg", "-message_file",
                        self.directory / "messages"]
        for key, value in keys.items():
            self.option("-key", key, value)
