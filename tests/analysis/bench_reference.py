#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The comparison as one would write it with pandas and numpy: bench_reference.py samples.csv

The same statistic, the same two-level bootstrap with 1000 resamples, the same intervals from rounds
alone, with the share of the samples beside them (analysis/decide/bootstrap.h); what it is measured against
is `sevbench compare`. It reads only the columns it needs, keeps texts as categories
and leaves no loop over resamples to Python. The correction over cells is left out, in its favour.
"""

import sys

import numpy as np
import pandas as pd

RESAMPLES = 1000
KEYS = ["kernel", "variant", "size", "threads", "pages", "backing", "fill", "params"]


def medians(rounds, picks, rng):
    """log of the medians of resamples: [RESAMPLES, rounds]."""
    values = np.stack(rounds)
    count = values.shape[1]
    draws = rng.integers(0, count, (*picks.shape, count))
    return np.log(np.median(values[picks[:, :, None], draws], axis=2))


def main(path):
    texts = ["run", "platform", "series", "status", "kernel", "variant", "pages", "backing", "fill",
             "params"]
    data = pd.read_csv(path, usecols=texts + ["round", "size", "threads", "iterations", "ns"],
                       dtype={name: "category" for name in texts})
    data = data[(data.series == "op") & (data.status == "ok")]
    data["time"] = data.ns / data.iterations
    rng = np.random.default_rng(1)
    keys = [name for name in KEYS if data[name].notna().any()]
    for key, cell in data.groupby(keys, sort=False, observed=True):
        sides = []
        for platform in ("native", "nosev"):
            side = cell[cell.platform == platform]
            sides.append([g.to_numpy() for _, g in side.groupby("round").time])
        n = min(len(side) for side in sides)
        if n < 2:
            continue
        picks = rng.integers(0, n, (RESAMPLES, n))
        log_ratio = np.array([np.log(np.median(b) / np.median(a)) for a, b in zip(*sides)])
        estimate = log_ratio.mean()
        rounds = log_ratio[picks].mean(axis=1)
        replicates = (medians(sides[1], picks, rng) - medians(sides[0], picks, rng)).mean(axis=1)
        error = rounds.std(ddof=1) * np.sqrt(n / (n - 1))
        samples = min(1, (replicates - rounds).var(ddof=1) / error**2) if error > 0 else 0
        t = 2.776445  # 97.5 % of Student's t with 4 degrees of freedom: five rounds
        low, high = np.exp([estimate - t * error, estimate + t * error])
        print(*key, f"{np.exp(estimate):.6f} {low:.6f} {high:.6f} {samples:.2f}")


if __name__ == "__main__":
    main(sys.argv[1])
