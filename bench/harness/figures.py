"""A figure is a median of repeats and their spread; nothing else goes into a report."""

import statistics


def figure(values, **more):
    """Returns {"median", "min", "max", "spread", "values"} of at least one number.

    spread is (max - min) / median: 0.1 means that repeats lay within a tenth of each other.
    """
    values = [float(value) for value in values]
    median = statistics.median(values)
    return {"median": median, "min": min(values), "max": max(values),
            "spread": (max(values) - min(values)) / median if median else 0.0,
            "values": values, **more}


def ratio(above, below):
    """Returns the figure above / below: its median is that of the medians, its ends the widest."""
    if not above or not below or not below["median"]:
        return None
    median = above["median"] / below["median"]
    least = above["min"] / below["max"] if below["max"] else median
    most = above["max"] / below["min"] if below["min"] else median
    return {"median": median, "min": least, "max": most,
            "spread": (most - least) / median if median else 0.0,
            "values": [a / b for a, b in zip(above["values"], below["values"]) if b]}


def quotients(above, below):
    """Returns by turn what was found divided by what was found beside it in the same turn."""
    return [one / other for one, other in zip(above, below, strict=True)]


def at(report, path):
    """Returns what stands at "a.b.c" in a report, or None."""
    for key in path.split("."):
        if not isinstance(report, dict) or key not in report:
            return None
        report = report[key]
    return report


def put(report, path, value):
    *parents, last = path.split(".")
    for key in parents:
        report = report.setdefault(key, {})
    report[last] = value
