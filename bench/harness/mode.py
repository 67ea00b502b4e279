"""How long and how much is measured: in minutes, in hours, or only whether it can be at all."""

import dataclasses
import math

# A search climbs from 0.8 to 1.2 of what it finds: this part of it is left to halve.
LEFT = 1 / 3
# A trial takes its warm-up, and about as long again until its messages are sealed; and its drain.
TRIAL = 2 * 1.2
DRAIN_S = 0.3
LEAST_LIMIT_S = 600


@dataclasses.dataclass(frozen=True)
class Mode:
    name: str
    seconds: float  # of a trial
    repeats: int
    turns: int  # of the comparison
    resolution: float  # where a search ends
    attempts: int  # a rate has failed when it failed so often
    most: float  # no search goes higher
    rounds: int  # of bench_pipeline
    esp_rounds: int  # of bench_esp
    exchange_subscribers: int  # of bench_exchange
    exchange_rounds: int
    terminals: tuple  # points of the curve
    main: int  # of them the one that most figures are of
    attaching: int  # terminals whose attachment is timed
    certified: int  # the same, by certificate
    storm: int  # terminals that attach at once
    callers: int  # that call each other meanwhile
    calls: int  # a second
    frames_mb: int
    rest_s: float  # what all but the searches takes, about

    def searches(self):
        """How many a whole run makes: three a turn; by repeat PDR, calls with and without ESP, both other
        Kamailios, refreshes, and other numbers of terminals."""
        return 3 * self.turns + self.repeats * (6 + len(self.terminals) - 1)

    def expected_s(self):
        """How long a whole run takes, about."""
        halvings = max(0.0, math.log2(LEFT / self.resolution))
        trials = 1 + self.attempts + halvings * (1 + self.attempts) / 2
        return self.searches() * trials * (TRIAL * self.seconds + DRAIN_S) + self.rest_s

    def limit_s(self):
        """After how long nothing more is begun."""
        return max(LEAST_LIMIT_S, 2 * self.expected_s())


QUICK = Mode("quick", seconds=0.5, repeats=3, turns=3, resolution=0.05, attempts=2, most=1e7, rounds=40,
             esp_rounds=20, exchange_subscribers=1000, exchange_rounds=5,
             terminals=(64, 4096, 100000), main=4096, attaching=20000, certified=2000, storm=5000,
             callers=1000, calls=500, frames_mb=768, rest_s=200)
FULL = Mode("full", seconds=5.0, repeats=5, turns=7, resolution=0.01, attempts=3, most=1e7, rounds=200,
            esp_rounds=100, exchange_subscribers=1000, exchange_rounds=20,
            terminals=(64, 1024, 4096, 16384, 100000, 1000000), main=4096, attaching=20000,
            certified=10000, storm=100000, callers=1000, calls=500, frames_mb=4096, rest_s=1590)
# Every section on real processes, and no figure worth a look: a test of the bench itself.
SMOKE = Mode("smoke", seconds=0.1, repeats=1, turns=1, resolution=0.5, attempts=3, most=500, rounds=1,
             esp_rounds=1, exchange_subscribers=20, exchange_rounds=1, terminals=(64, 128),
             main=128, attaching=40, certified=20, storm=60, callers=20, calls=1000, frames_mb=64,
             rest_s=40)
MODES = {mode.name: mode for mode in (QUICK, FULL, SMOKE)}
