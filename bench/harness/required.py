"""What a whole report holds. A report that lacks one of these is not whole, and says which."""

from figures import at

# Each a figure: median, least, most, spread, and the values of the repeats.
FIGURES = (
    "gateway.ndr_messages_per_second",
    "gateway.pdr_messages_per_second",
    "gateway.cycles_per_message",
    "gateway.in_process_messages_per_second",
    "gateway.busy_cycles_per_message",
    "gateway.capacity_messages_per_second",
    "crypto_floor.cycles_per_message",
    "esp_forwarding.cycles_per_message",
    "clear.cycles_per_message",
    "kamailio.stateless_forward.ndr_messages_per_second",
    "kamailio.location_record_route.ndr_messages_per_second",
    "kamailio.stateful_relay.ndr_messages_per_second",
    "ratio.kamailio_stateless_forward.in_process",
    "ratio.kamailio_stateless_forward.memif",
    "ratio.kamailio_stateless_forward.veth",
    "veth.gateway.ndr_messages_per_second",
    "sessions.with_ipsec_per_second",
    "sessions.without_ipsec_per_second",
    "sessions.ipsec_tax.calls",
    "sessions.ipsec_tax.busy_cycles",
    "sessions.ipsec_tax.in_process",
    "cores_apart.round_trip_ns.memif",
    "cores_apart.round_trip_ns.kamailio",
    "cores_apart.round_trip_ns.with_ipsec",
    "cores_apart.round_trip_ns.without_ipsec",
    "registration.full_per_second",
    "registration.by_certificate_per_second",
    "registration.refresh_per_second",
    "registration.in_process_per_second",
    "registration.in_process_by_certificate_per_second",
    *(f"latency_us.{load}.{quantile}" for load in ("tenth_ndr", "half_ndr", "nine_tenths_ndr")
      for quantile in ("p50", "p99", "p999")),
    *(f"latency_us.{load}.spared.share" for load in ("tenth_ndr", "half_ndr", "nine_tenths_ndr")),
    "flood.legitimate_kept",
    "storm.seconds",
    "storm.controlplane_peak_mb",
    "storm.dataplane_peak_mb",
    "machine_pauses.worker_core.share",
    "two_workers.in_process.by_clock.all_workers",
    "two_workers.in_process.crypto_floor_by_clock.each_other_adds",
)
# Other things than figures.
OTHERS = ("machine.cpu", "machine.isa", "machine.governor", "machine.network_cards", "parser",
          "by_terminals", "by_suite", "esp_only", "gateway.cycles_by_node", "clear.cycles_by_node", "flood.sent",
          "storm.calls_offered", "storm.calls_lost", "messages_verified")


def is_figure(found):
    return isinstance(found, dict) and {"median", "min", "max", "spread", "values"} <= found.keys() \
        and bool(found["values"])


def missing(report):
    """Returns the names of what is not there, or not what it must be."""
    return [path for path in FIGURES if not is_figure(at(report, path))] + \
        [path for path in OTHERS if at(report, path) in (None, "", [], {})]
