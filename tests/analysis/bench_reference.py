#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The comparison as one would write it with pandas and numpy: bench_reference.py samples.csv

The same statistic, the same intervals of Student's t on the scatter of rounds, with the share of the
samples beside them (analysis/decide/estimate.h); what it is measured against is `sevbench compare`. It
reads only the columns it needs and keeps texts as categories. The clock's step and the correction over
cells are left out, in its favour.
"""

import sys

import numpy as np
import pandas as pd

KEYS = ["kernel", "variant", "size", "threads", "pages", "backing", "fill", "params"]
ROUNDS = 5
T = 2.776445  # 97.5 % of Student's t with 4 degrees of freedom


def median_error(values):
    """McKean and Schrader's, of values in order."""
    count = len(values)
    first = max(1, round((count + 1) / 2 - 2.575829 * np.sqrt(count / 4)))
    return (values[count - first] - values[first - 1]) / (2 * 2.575829)


def main(path):
    texts = ["run", "platform", "series", "status", "kernel", "variant", "pages", "backing", "fill",
             "params"]
    data = pd.read_csv(path, usecols=texts + ["round", "size", "threads", "iterations", "ns"],
                       dtype={name: "category" for name in texts})
    data = data[(data.series == "op") & (data.status == "ok")]
    data["time"] = data.ns / data.iterations
    keys = [name for name in KEYS if data[name].notna().any()]
    for key, cell in data.groupby(keys, sort=False, observed=True):
        sides = []
        for platform in ("native", "nosev"):
            side = cell[cell.platform == platform]
            sides.append([np.sort(g.to_numpy()) for _, g in side.groupby("round").time])
        n = min(len(side) for side in sides)
        if n != ROUNDS:
            sys.exit(f"{key}: {n} rounds on both, and the quantile below is that of {ROUNDS}")
        log_ratio = np.array([np.log(np.median(b) / np.median(a)) for a, b in zip(*sides)])
        estimate = log_ratio.mean()
        error = log_ratio.std(ddof=1) / np.sqrt(n)
        noise = sum((median_error(r) / np.median(r)) ** 2 for side in sides for r in side[:n]) / n**2
        samples = min(1, noise / error**2) if error > 0 else 0
        low, high = np.exp([estimate - T * error, estimate + T * error])
        print(*key, f"{np.exp(estimate):.6f} {low:.6f} {high:.6f} {samples:.2f}")


if __name__ == "__main__":
    main(sys.argv[1])
