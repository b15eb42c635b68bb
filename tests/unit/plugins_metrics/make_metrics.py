#!/usr/bin/python3
"""Writes metrics.json: what numpy, scipy and scikit-learn make of data that the tests draw in the same way.

Run it with Debian's python3-numpy, python3-scipy and python3-sklearn: /usr/bin/python3 make_metrics.py
"""
import json
import pathlib

import numpy
import scipy.linalg
import scipy.special
import scipy.stats
from sklearn.metrics import pairwise_distances
from sklearn.metrics.pairwise import polynomial_kernel


def data(rows, columns, seed, scale=1.0, shift=0.0):
    """Numbers that C++ can make as well: a linear congruence, exact in doubles."""
    values, state = [], seed
    for _ in range(rows * columns):
        state = (state * 1103515245 + 12345) % 2**31
        values.append(state / 2**31)
    return numpy.array(values).reshape(rows, columns) * scale + shift


def fid(real, fake):
    covariances = [numpy.atleast_2d(numpy.cov(side, rowvar=False)) for side in (real, fake)]
    root = scipy.linalg.sqrtm(covariances[0] @ covariances[1])
    apart = real.mean(axis=0) - fake.mean(axis=0)
    return apart @ apart + sum(numpy.trace(c) for c in covariances) - 2 * numpy.trace(root).real


def kid(real, fake):
    """Of the whole sides, which have one number of rows."""
    n = len(real)
    total = 0
    for side in (real, fake):
        kernel = polynomial_kernel(side, degree=3, gamma=1 / side.shape[1], coef0=1)
        total += (kernel.sum() - numpy.trace(kernel)) / (n * (n - 1))
    return total - 2 * polynomial_kernel(real, fake, degree=3, gamma=1 / real.shape[1], coef0=1).mean()


def prdc(real, fake, k_precision, k_density):
    def radii(side, k):
        return numpy.sort(pairwise_distances(side), axis=1)[:, k]  # column 0 is the row itself

    apart = pairwise_distances(real, fake)
    return {
        "precision": float((apart <= radii(real, k_precision)[:, None]).any(axis=0).mean()),
        "recall": float((apart <= radii(fake, k_precision)[None, :]).any(axis=1).mean()),
        "density": float((apart < radii(real, k_density)[:, None]).sum() / (k_density * len(fake))),
        "coverage": float((apart.min(axis=1) < radii(real, k_density)).mean()),
    }


def inception_score(probabilities, splits):
    n, scores = len(probabilities), []
    for i in range(splits):
        part = probabilities[i * n // splits : (i + 1) * n // splits]
        mean = part.mean(axis=0, keepdims=True)
        scores.append(numpy.exp(scipy.special.rel_entr(part, mean).sum(axis=1).mean()))
    return [float(numpy.mean(scores)), float(numpy.std(scores))]


cases = []
for rows, columns, scale, shift in [(60, 3, 1, 0), (300, 20, 1.5, 0.25), (700, 40, 0.5, 3)]:
    real, fake = data(rows, columns, 1), data(rows, columns, 2, scale, shift)
    logits = data(rows, columns, 3, 8)
    probabilities = numpy.exp(logits) / numpy.exp(logits).sum(axis=1, keepdims=True)
    cases.append({
        "rows": rows, "columns": columns, "scale": scale, "shift": shift,
        "fid": float(fid(real, fake)),
        "kid": float(kid(real, fake)),
        "prdc": prdc(real, fake, 3, 5),
        "prdc k=2": prdc(real, fake, 2, 2),
        "inception_score": inception_score(probabilities, 10),
        "inception_score splits=1": inception_score(probabilities, 1),
    })

x = 1 / numpy.array([10.0, 20, 30, 50])
y = numpy.array([3.0, 2.5, 2.25, 2.1])
line = scipy.stats.linregress(x, y)
regression = {"x": x.tolist(), "y": y.tolist(), "intercept": line.intercept, "error": line.intercept_stderr}

target = pathlib.Path(__file__).with_name("metrics.json")
target.write_text(json.dumps({"cases": cases, "regression": regression}, indent=1) + "\n")
