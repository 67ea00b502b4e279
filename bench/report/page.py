"""The report as one HTML page that needs nothing but itself."""

from html import escape

from figures import at
from svg import bars, lines, number

STYLE = """
:root { --paper: #fbfaf8; --ink: #1d2327; --soft: #66707a; --rule: #d9d6d0; --card: #ffffff;
  --one: #1f6f8b; --two: #c2642d; --three: #6b5b95; --four: #4a7c4a; --good: #2d6a3f; --bad: #a3321f; }
@media (prefers-color-scheme: dark) { :root { --paper: #15191c; --ink: #e6e3dd; --soft: #9aa4ac;
  --rule: #343a40; --card: #1c2125; --one: #5fb3d1; --two: #e69a62; --three: #a795d6; --four: #86bd86;
  --good: #7cc48f; --bad: #ee8a76; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink);
  font: 16px/1.55 system-ui, "Segoe UI", Roboto, sans-serif; }
main { max-width: 860px; margin: 0 auto; padding: 40px 24px 80px; }
h1 { font-size: 28px; margin: 0 0 4px; letter-spacing: -0.01em; }
h2 { font-size: 19px; margin: 44px 0 8px; padding-top: 18px; border-top: 1px solid var(--rule); }
p { margin: 8px 0; max-width: 72ch; }
.soft, figcaption { color: var(--soft); font-size: 14px; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(180px, 1fr)); gap: 12px;
  margin: 24px 0; }
.tile { background: var(--card); border: 1px solid var(--rule); border-radius: 8px; padding: 14px 16px; }
.tile b { display: block; font-size: 26px; font-weight: 600; font-variant-numeric: tabular-nums;
  letter-spacing: -0.01em; }
.tile span { color: var(--soft); font-size: 13px; line-height: 1.35; display: block; }
.note { border-left: 3px solid var(--two); background: var(--card); padding: 10px 16px; margin: 16px 0; }
table { border-collapse: collapse; width: 100%; margin: 12px 0; font-size: 14px; }
th, td { text-align: right; padding: 6px 10px; border-bottom: 1px solid var(--rule);
  font-variant-numeric: tabular-nums; }
th:first-child, td:first-child { text-align: left; }
th { color: var(--soft); font-weight: 500; }
figure { margin: 16px 0; overflow-x: auto; }
svg { width: 100%; height: auto; font: 13px system-ui, sans-serif; }
svg text:not([fill]) { fill: var(--ink); }
svg .tick, svg .value { fill: var(--soft); }
svg .name { font-weight: 600; }
svg .grid { stroke: var(--rule); fill: none; }
svg .line { fill: none; stroke-width: 2; }
svg .dot { stroke: var(--paper); stroke-width: 1.5; }
svg .spread { stroke: var(--ink); stroke-width: 1.2; fill: none; opacity: .75; }
.yes { color: var(--good); } .no { color: var(--bad); }
code { font-size: 13px; }
"""

QUANTILES = (("p50", "median"), ("p90", "90 %"), ("p99", "99 %"), ("p999", "99.9 %"))
LOADS = (("tenth_ndr", "at 10 % of the NDR"), ("half_ndr", "at 50 %"), ("nine_tenths_ndr", "at 90 %"))
KAMAILIO = (("stateless_forward", "stateless forward"),
            ("location_record_route", "location, Record-Route"),
            ("stateful_relay", "stateful t_relay"))


def median(report, path):
    found = at(report, path)
    return found["median"] if found else None


def tile(value, unit, what):
    """A figure in large; nothing for one that was not measured."""
    return (f'<div class="tile"><b>{escape(value + unit)}</b><span>{escape(what)}</span></div>'
            if value else "")


def large(report, path, form=number):
    """Returns a median as text, empty if it was not measured."""
    found = median(report, path)
    return form(found) if found is not None else ""


def section(title, body):
    return f"<h2>{escape(title)}</h2>{body}" if body else ""


def spread(found, unit=""):
    """Returns "1.02 M (0.97 M to 1.10 M)"."""
    if not found:
        return "not measured"
    text = f"{number(found['median'])}{unit}{' *' if found.get('generator_bound') else ''}"
    return text if found["min"] == found["max"] else (
        f"{text} ({number(found['min'])} to {number(found['max'])})")


def table(head, rows):
    cells = "".join(f"<th>{escape(text)}</th>" for text in head)
    body = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table><thead><tr>{cells}</tr></thead><tbody>{body}</tbody></table>"


def figure_of(svg, caption):
    return f"<figure>{svg}<figcaption>{caption}</figcaption></figure>" if svg else ""


def bar(report, label, path, colour):
    found = at(report, path)
    return (label, found["median"], colour, found["min"], found["max"]) if found else \
        (label, None, colour, None, None)


def comparison(report):
    rows = [bar(report, "Sekisho, in process", "gateway.in_process_messages_per_second", 0),
            bar(report, "Sekisho, memif", "gateway.ndr_messages_per_second", 0),
            bar(report, "Sekisho, memif, by busy cycles", "gateway.capacity_messages_per_second", 0),
            bar(report, "Sekisho, veth", "veth.gateway.ndr_messages_per_second", 0)]
    rows += [bar(report, f"Kamailio, {label}", f"kamailio.{name}.ndr_messages_per_second", 1)
             for name, label in KAMAILIO]
    ratios = [(label, spread(at(report, f"ratio.kamailio_stateless_forward.{key}"), " times"), target)
              for key, label, target in (("in_process", "in process", "20"), ("memif", "memif, end to end", "15"),
                                         ("veth", "veth, both through the kernel", "none set"))]
    return (figure_of(bars(rows, "messages a second without loss", "/s"),
                      "Messages of 700 bytes a second, one core each, no loss. The whiskers are the "
                      "least and the most of the repeats.") +
            table(("Sekisho against Kamailio's stateless forward", "ratio", "target"), ratios) +
            "<p>Sekisho opens and seals ESP for every message, checks the sender against the channel, "
            "judges policy and series, and proves each message by MACs. <b>Kamailio here does none of "
            "this, and speaks no IPsec: that flatters it.</b> Its configurations are in "
            "<code>bench/kamailio/</code>; it runs with the allocator that serves it best "
            "(<code>-x fm</code>).</p>")


def throughput(report):
    points = sorted(at(report, "by_terminals") or [], key=lambda point: point["terminals"])
    if len(points) < 2:
        return ""
    labels = [f"{point['terminals']:,}" for point in points]

    def series(path):
        return [median(point, path) for point in points]
    return figure_of(
        lines([("in process", series("in_process")), ("memif, no loss", series("ndr"))],
              "throughput against terminals", labels, "messages a second, by terminals"),
        "What more terminals cost: keys and tables that no cache holds.")


def latency(report):
    names = [label for _, label in QUANTILES]
    found = [(label, [median(report, f"latency_us.{key}.{quantile}") for quantile, _ in QUANTILES])
             for key, label in LOADS]
    rows = [(label, *(spread(at(report, f"latency_us.{key}.{quantile}")) for quantile, _ in QUANTILES))
            for key, label in LOADS]
    return (figure_of(lines(found, "latency by quantile", names, "microseconds, by share of messages"),
                      "From when a message was due to be sent (not from when it was) until it was "
                      "delivered, decrypted: what a generator's delay adds is in it.") +
            table(("microseconds", *names), rows))


def cycles(report):
    nodes = at(report, "gateway.cycles_by_node") or {}
    rows = [(name.removeprefix("sk_"), value, 0, None, None)
            for name, value in sorted(nodes.items(), key=lambda item: -item[1]) if value > 0]
    floor = at(report, "crypto_floor.cycles_per_message")
    whole = at(report, "gateway.cycles_per_message")
    text = ""
    if floor and whole:
        text = (f"<p>In all {spread(whole)} cycles a message, where opening and sealing alone "
                f"(IPsec-MB on the same keys and lengths, the floor) take {spread(floor)}: "
                f"{whole['median'] / floor['median']:.1f} times the floor.</p>")
    alone = at(report, "esp_forwarding.cycles_per_message")
    if alone:
        text += (f"<p>ESP forwarding by the same graph, with no node between that knows SIP, takes "
                 f"{spread(alone)} cycles.</p>")
    return figure_of(bars(rows, "cycles a packet by node", "cycles"),
                     "Each node's cycles for one packet that comes to it, 4,096 terminals, in "
                     "process; a message does not pass all of them.") + text + tax(report)


def tax(report):
    """What IPsec costs in process, node by node."""
    clear = at(report, "clear.cycles_per_message")
    times = at(report, "sessions.ipsec_tax.in_process")
    if not clear or not times:
        return ""
    ways = [at(report, f"{way}.cycles_by_node") or {} for way in ("gateway", "clear")]
    names = [name for name in dict.fromkeys([*ways[0], *ways[1]])
             if any(way.get(name) for way in ways)]
    rows = [(escape(name.removeprefix("sk_")), *(number(way.get(name)) for way in ways))
            for name in names]
    return (f"<p>The same messages of terminals without IPsec take {spread(clear)} cycles: "
            f"IPsec makes it {spread(times)} times as many.</p>" +
            table(("node, cycles a packet", "with IPsec", "in the clear"), rows))


def rates(report):
    rows = [("calls a second, with IPsec: INVITE, 200, ACK, BYE, 200 (RFC 7502 6.6)",
             spread(at(report, "sessions.with_ipsec_per_second"))),
            ("calls a second, by the same terminals in the clear (RFC 7502 6.1)",
             spread(at(report, "sessions.without_ipsec_per_second"))),
            ("IPsec tax: so many times the calls without it",
             spread(at(report, "sessions.ipsec_tax.calls"))),
            ("IPsec tax: so many times the worker's busy cycles with it",
             spread(at(report, "sessions.ipsec_tax.busy_cycles"))),
            ("busy cycles a message with IPsec, the port's included",
             spread(at(report, "sessions.with_ipsec_busy_cycles_per_message"))),
            ("the same in the clear",
             spread(at(report, "sessions.without_ipsec_busy_cycles_per_message"))),
            ("IPsec tax: so many times the cycles a message in process",
             spread(at(report, "sessions.ipsec_tax.in_process"))),
            ("full registrations a second by certificate, each terminal's own and the gateway's",
             spread(at(report, "registration.by_certificate_per_second"))),
            ("the same by the processor time of the control plane",
             spread(at(report, "registration.by_certificate_per_second_of_controlplane_time"))),
            ("full registrations a second by password: key exchange, mutual authentication, binding",
             spread(at(report, "registration.full_per_second"))),
            ("the same by the processor time of the control plane, one core's worth",
             spread(at(report, "registration.full_per_second_of_controlplane_time"))),
            ("full attachments a second in process, by password",
             spread(at(report, "registration.in_process_per_second"))),
            ("full attachments a second in process, by certificate",
             spread(at(report, "registration.in_process_by_certificate_per_second"))),
            ("re-registrations a second (RFC 7502 6.8)",
             spread(at(report, "registration.refresh_per_second"))),
            ("the same by the processor time of the control plane",
             spread(at(report, "registration.refresh_per_second_of_controlplane_time"))),
            ("messages a second with at most 0.5 % lost",
             spread(at(report, "gateway.pdr_messages_per_second"))),
            ("legitimate messages kept under a flood",
             kept(report))]
    return table(("rate", "median (least to most)"), rows)


def kept(report):
    found = at(report, "flood.legitimate_kept")
    return f"{100 * found['median']:.3f} %" if found else "not measured"


def storm(report):
    found = at(report, "storm")
    if not found:
        return ""
    rows = [("terminals that attach at once", f"{found['terminals']:,}"),
            ("until all are registered", spread(found["seconds"], " s")),
            ("calls in progress meanwhile: offered", f"{found['calls_offered']:,}"),
            ("calls lost", f"{found['calls_lost']:,}"),
            ("messages sent again for want of an answer", f"{found['sent_again']:,}"),
            ("exchanges begun anew", f"{found['begun_again']:,}"),
            ("peak memory of the control plane", spread(found["controlplane_peak_mb"], " MB")),
            ("peak memory of the data plane", spread(found["dataplane_peak_mb"], " MB"))]
    return table(("what", "figure"), rows)


def parsers(report):
    rows = [(escape(row["message"]), row["bytes"], number(row["ours"]), number(row["libosip2"]),
             f"{row['libosip2'] / row['ours']:.1f}") for row in at(report, "parser") or []]
    esp = at(report, "esp_only") or {}
    esp_rows = [(escape(name), spread(found)) for name, found in esp.items()]
    suite_rows = [(escape(name), spread(found["cycles_per_message"]),
                   spread(found["crypto_floor_cycles"]))
                  for name, found in (at(report, "by_suite") or {}).items()]
    return (table(("message", "bytes", "ours, cycles", "libosip2, cycles", "times"), rows) if rows else "") + \
        (table(("ESP alone, no SIP", "cycles a packet"), esp_rows) if esp_rows else "") + \
        (table(("the whole way by suite", "cycles a message", "crypto floor"), suite_rows)
         if suite_rows else "")


def machine(report):
    about = at(report, "machine") or {}
    rows = [(escape(str(key)), escape(", ".join(map(str, value)) if isinstance(value, list) else
                                      ", ".join(f"{k} {v}" for k, v in value.items() if v)
                                      if isinstance(value, dict) else str(value)))
            for key, value in about.items()]
    return table(("machine", ""), rows)


def notes(report):
    found = at(report, "notes") or []
    return "".join(f'<div class="note">{escape(text)}</div>' for text in found)


def render(report):
    """Returns the page of a report."""
    times = "ratio.kamailio_stateless_forward."
    tiles = [
        tile(large(report, "gateway.ndr_messages_per_second"), "/s",
             "messages through one core without loss, ESP both ways, memif"),
        tile(large(report, "gateway.cycles_per_message"), "", "cycles a message, in process"),
        tile(large(report, times + "in_process", "{:.1f}".format), "×",
             "Kamailio's stateless forward, in process"),
        tile(large(report, times + "memif", "{:.1f}".format), "×", "the same end to end over memif"),
        tile(large(report, "latency_us.half_ndr.p999"), " µs",
             "99.9 % of messages within, at half load"),
        tile(large(report, "registration.full_per_second"), "/s", "full registrations"),
    ]
    return f"""<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Sekisho: benchmark report</title><style>{STYLE}</style></head><body><main>
<h1>Sekisho, measured</h1>
<p class="soft">{escape(report['made'])} · {escape(report['mode'])} run · commit {escape(str(report['commit']))}</p>
<div class="tiles">{''.join(tiles)}</div>
{notes(report)}
{section("Against Kamailio, in the same run", comparison(report))}
{section("Rates", rates(report))}
{section("Latency", latency(report))}
{section("Terminals", throughput(report))}
{section("Where the cycles go", cycles(report))}
{section("Registration storm", storm(report))}
{section("Parts alone", parsers(report))}
<h2>How it was measured</h2>
<p>After RFC 2544 and RFC 7501/7502. The NDR (no-drop rate) is the highest rate at which not one message
of a trial was lost, found by search; the PDR accepts half a percent. The generator sends on schedule
whatever comes back (open loop), every frame sealed beforehand and sent once, and verifies every message
that comes back: that it decrypts, under a number never seen, at the right terminal, every header line
and the body as they must be. Warm-up is discarded. Figures are medians; the least and the most stand
beside them. A star: a search ended where the generator did. docs/benchmarking.md has the rest.</p>
{machine(report)}
</main></body></html>
"""
