"""Writes parzen.json: log densities of Parzen estimators as Optuna's TPESampler has them with its defaults (prior of
weight 1, magic clip, no endpoints, univariate), computed from their description in Watanabe, arXiv:2304.11127 (2023),
with Python's statistics.NormalDist alone.

    python3 make_parzen.py > parzen.json
"""
import json
import math
import random
from statistics import NormalDist


def weights(n):
    """default_weights of Optuna: 1 for the newest 25, a ramp from 1/n to 1 for those before."""
    if n <= 25:
        observed = [1.0] * n
    else:
        ramp = n - 25
        observed = [1 / n + (1 - 1 / n) * i / (ramp - 1) if ramp > 1 else 1 / n for i in range(ramp)] + [1.0] * 25
    everything = observed + [1.0]
    return [w / sum(everything) for w in everything]


def components(observed, low, high):
    prior = 0.5 * (low + high)
    points = [(mu, i) for i, mu in enumerate(observed)] + [(prior, len(observed))]
    points.sort(key=lambda p: p[0])
    smallest = (high - low) / min(100.0, 1.0 + len(observed) + 1)
    sigmas = [0.0] * len(observed)
    for place, (mu, i) in enumerate(points):
        if i == len(observed):
            continue
        left = mu - points[place - 1][0] if place > 0 else None
        right = points[place + 1][0] - mu if place + 1 < len(points) else None
        distance = max(d for d in (left, right, 0.0) if d is not None)
        sigmas[i] = min(max(distance, smallest), high - low)
    return list(zip(observed + [prior], sigmas + [high - low]))


def log_density(values, x, low, high, log, step):
    """x and the bounds in the parameter's own unit; the density is that on the logarithmic axis where log is set."""
    axis = math.log if log else float
    a, b = axis(low - step / 2), axis(high + step / 2)
    total = 0.0
    parts = components([axis(v) for v in values], a, b)
    for weight, (mu, sigma) in zip(weights(len(values)), parts):
        normal = NormalDist(mu, sigma)
        mass = normal.cdf(b) - normal.cdf(a)
        if step > 0:
            density = normal.cdf(axis(x + step / 2)) - normal.cdf(axis(x - step / 2))
        else:
            density = normal.pdf(axis(x))
        total += weight * density / mass
    return math.log(total)


def log_share(values, x, probabilities):
    """Categorical: each component has one observation and a share of the prior."""
    n = len(values) + 1
    rows = []
    for i in range(n):
        row = [p * len(probabilities) / n for p in probabilities]
        if i < len(values):
            row[values[i]] += 1
        rows.append([r / sum(row) for r in row])
    return math.log(sum(w * row[x] for w, row in zip(weights(len(values)), rows)))


def main():
    draw = random.Random(7)
    cases = []
    for low, high, log, step in [(0, 1, False, 0), (1e-5, 1e-1, True, 0), (1, 9, False, 1), (8, 256, True, 8)]:
        for count in (0, 1, 7, 40):
            def one():
                position = draw.uniform(math.log(low), math.log(high)) if log else draw.uniform(low, high)
                value = math.exp(position) if log else position
                return min(max(round(value / step) * step, low), high) if step else value
            values = [one() for _ in range(count)]
            at = [one() for _ in range(4)]
            cases.append({"min": low, "max": high, "log": log, "q": step, "observed": values, "at": at,
                          "log_density": [log_density(values, x, low, high, log, step) for x in at]})
    for probabilities in ([0.25] * 4, [0.7, 0.2, 0.1]):
        for count in (0, 5, 30):
            values = [draw.randrange(len(probabilities)) for _ in range(count)]
            at = list(range(len(probabilities)))
            cases.append({"probabilities": probabilities, "observed": values, "at": at,
                          "log_density": [log_share(values, x, probabilities) for x in at]})
    print(json.dumps(cases, indent=1))


main()
