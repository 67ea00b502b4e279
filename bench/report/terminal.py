"""The report as a table on the terminal."""

from figures import at
from svg import number

ROWS = (
    ("messages/s without loss, memif, ESP both ways", "gateway.ndr_messages_per_second", ""),
    ("  with at most 0.5 % lost", "gateway.pdr_messages_per_second", ""),
    ("  by the worker's busy cycles", "gateway.capacity_messages_per_second", ""),
    ("  over veth", "veth.gateway.ndr_messages_per_second", ""),
    ("messages/s in process", "gateway.in_process_messages_per_second", ""),
    ("cycles a message, in process", "gateway.cycles_per_message", ""),
    ("  of its quietest bursts", "gateway.quiet_cycles_per_message", ""),
    ("  crypto floor", "crypto_floor.cycles_per_message", ""),
    ("  busy, memif, I/O included", "gateway.busy_cycles_per_message", ""),
    ("calls/s with IPsec", "sessions.with_ipsec_per_second", ""),
    ("calls/s without IPsec", "sessions.without_ipsec_per_second", ""),
    ("full registrations/s", "registration.full_per_second", ""),
    ("  by the control plane's own time", "registration.full_per_second_of_controlplane_time", ""),
    ("  in process", "registration.in_process_per_second", ""),
    ("  in process, by certificate", "registration.in_process_by_certificate_per_second", ""),
    ("re-registrations/s", "registration.refresh_per_second", ""),
    ("  by the control plane's own time", "registration.refresh_per_second_of_controlplane_time", ""),
    ("latency at half load, median", "latency_us.half_ndr.p50", " us"),
    ("  99 %", "latency_us.half_ndr.p99", " us"),
    ("  99.9 %", "latency_us.half_ndr.p999", " us"),
    ("legitimate traffic kept under a flood", "flood.legitimate_kept", ""),
    ("Kamailio stateless forward, messages/s", "kamailio.stateless_forward.ndr_messages_per_second", ""),
    ("Kamailio location + Record-Route", "kamailio.location_record_route.ndr_messages_per_second", ""),
    ("Kamailio t_relay", "kamailio.stateful_relay.ndr_messages_per_second", ""),
    ("times Kamailio stateless, in process", "ratio.kamailio_stateless_forward.in_process", ""),
    ("times Kamailio stateless, memif", "ratio.kamailio_stateless_forward.memif", ""),
    ("times Kamailio stateless, veth", "ratio.kamailio_stateless_forward.veth", ""),
)


def render(report):
    """Returns the report's lines."""
    lines = [f"{'':46}{'median':>12}{'least':>12}{'most':>12}"]
    for label, path, unit in ROWS:
        found = at(report, path)
        if not found:
            lines.append(f"{label:46}{'not measured':>12}")
            continue
        lines.append(f"{label:46}{number(found['median']) + unit:>12}{number(found['min']):>12}"
                     f"{number(found['max']):>12}")
    lines += [f"note: {text}" for text in at(report, "notes") or []]
    return lines
