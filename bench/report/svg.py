"""Two kinds of chart as inline SVG: horizontal bars, and lines. Colours are the page's variables."""

import math
from html import escape

WIDTH = 760
FONT = 13
SERIES = ("var(--one)", "var(--two)", "var(--three)", "var(--four)")


def number(value):
    """Returns a figure as people read it: 1.25 M, 97 k, 3,204, 4.2."""
    if value is None:
        return "–"
    if abs(value) >= 1e6:
        return f"{value / 1e6:.2f} M"
    if abs(value) >= 1e5:
        return f"{value / 1e3:.0f} k"
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def _text(x, y, text, anchor="start", kind=""):
    return (f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" class="{kind}">'
            f"{escape(str(text))}</text>")


def _document(height, parts, title):
    return (f'<svg viewBox="0 0 {WIDTH} {height:.0f}" role="img" aria-label="{escape(title)}">'
            f"<title>{escape(title)}</title>{''.join(parts)}</svg>")


def bars(rows, title, unit=""):
    """rows: [(label, value, colour number, low, high)]; low and high may be None."""
    rows = [row for row in rows if row[1] is not None]
    if not rows:
        return ""
    left, right, step = 250, 110, 30
    most = max(max(row[1], row[4] or 0) for row in rows) or 1
    scale = (WIDTH - left - right) / most
    parts = []
    for place, (label, value, colour, low, high) in enumerate(rows):
        y = place * step + 6
        parts.append(_text(left - 10, y + 14, label, "end"))
        parts.append(f'<rect x="{left}" y="{y}" width="{max(1.0, value * scale):.1f}" height="18" '
                     f'rx="2" fill="{SERIES[colour]}"><title>{escape(label)}: {number(value)} '
                     f"{escape(unit)}</title></rect>")
        end = value * scale
        if low is not None and high is not None and high > low:
            end = max(end, high * scale)
            middle = y + 9
            parts.append(f'<path d="M{left + low * scale:.1f} {middle}H{left + high * scale:.1f}'
                         f'M{left + low * scale:.1f} {middle - 4}v8M{left + high * scale:.1f} '
                         f'{middle - 4}v8" class="spread"/>')
        parts.append(_text(left + end + 8, y + 14, f"{number(value)} {unit}".strip(), kind="value"))
    return _document(len(rows) * step + 8, parts, title)


def _ticks(low, high):
    """Powers of ten, and between them 2 and 5 where there are few."""
    found = [mantissa * 10.0 ** power
             for power in range(math.floor(math.log10(low)) - 1, math.ceil(math.log10(high)) + 1)
             for mantissa in (1, 2, 5)]
    inside = [tick for tick in found if low * 0.999 <= tick <= high * 1.001]
    tens = [tick for tick in inside if abs(math.log10(tick) - round(math.log10(tick))) < 1e-9]
    return tens if len(tens) >= 4 else inside


def lines(series, title, x_labels, y_unit="", log_y=True):
    """series: [(name, [value or None for each of x_labels])]; x is in equal steps."""
    series = [(name, values) for name, values in series if any(value for value in values)]
    values = [value for _, points in series for value in points if value]
    if not values:
        return ""
    left, right, top, height = 70, 150, 14, 280
    low, high = (min(values) * 0.8, max(values) * 1.25) if log_y else (0, max(values) * 1.1)
    base = top + height

    def place_y(value):
        share = (math.log(value / low) / math.log(high / low)) if log_y else value / high
        return base - share * height

    def place_x(index):
        return left + (index + 0.5) * (WIDTH - left - right) / len(x_labels)

    ticks = _ticks(low, high) if log_y else [high * part / 5 for part in range(6)]
    parts = []
    for tick in ticks:
        y = place_y(tick)
        parts.append(f'<path d="M{left} {y:.1f}H{WIDTH - right}" class="grid"/>')
        parts.append(_text(left - 8, y + 4, number(tick), "end", "tick"))
    for index, label in enumerate(x_labels):
        parts.append(_text(place_x(index), base + 20, label, "middle", "tick"))
    parts.append(_text(left, base + 42, y_unit, kind="tick"))
    ends = []
    for place, (name, points) in enumerate(series):
        colour = SERIES[place % len(SERIES)]
        known = [(place_x(index), place_y(value), value) for index, value in enumerate(points)
                 if value]
        path = "L".join(f"{x:.1f} {y:.1f}" for x, y, _ in known)
        parts.append(f'<path d="M{path}" class="line" stroke="{colour}"/>')
        for x, y, value in known:
            parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{colour}" class="dot">'
                         f"<title>{escape(name)}: {number(value)} {escape(y_unit)}</title></circle>")
        ends.append([known[-1][1] + 4, known[-1][0] + 10, name, colour])
    # Names at the ends of their lines, pushed apart where they would lie on each other.
    ends.sort()
    for upper, lower in zip(ends, ends[1:]):
        lower[0] = max(lower[0], upper[0] + FONT + 3)
    for y, x, name, colour in ends:
        parts.append(f'<text x="{x:.1f}" y="{y:.1f}" fill="{colour}" class="name">'
                     f"{escape(name)}</text>")
    return _document(base + 50, parts, title)
