#!/usr/bin/python3
"""Writes labels_and_scores.json: what scipy and scikit-learn make of scores, labels and neighbours that the tests draw in
the same way.

Run it with Debian's python3-numpy, python3-scipy and python3-sklearn: /usr/bin/python3 make_labels_and_scores.py
"""
import json
import pathlib

import numpy
import scipy.spatial
import scipy.special
import scipy.stats
import sklearn.metrics
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler


def data(rows, columns, seed, scale=1.0, shift=0.0):
    """Numbers that C++ can make as well: a linear congruence, exact in doubles."""
    values, state = [], seed
    for _ in range(rows * columns):
        state = (state * 1103515245 + 12345) % 2**31
        values.append(state / 2**31)
    return numpy.array(values).reshape(rows, columns) * scale + shift


def labels(rows, classes, seed):
    return numpy.floor(data(rows, 1, seed)[:, 0] * classes).astype(int)


def labelled(rows, columns, classes, seed, apart):
    """Uniform noise, to which `apart` is added in each column whose index is the label, modulo the classes."""
    of_rows = labels(rows, classes, seed + 100)
    own = numpy.arange(columns)[None, :] % classes == of_rows[:, None]
    return data(rows, columns, seed) + apart * own, of_rows


def auroc(real, fake):
    """The area, and its standard error by the definition of DeLong: all pairs."""
    truth = numpy.r_[numpy.zeros(len(real)), numpy.ones(len(fake))]
    area = sklearn.metrics.roc_auc_score(truth, numpy.r_[real, fake])
    wins = (fake[:, None] > real[None, :]) + 0.5 * (fake[:, None] == real[None, :])
    variance = wins.mean(axis=1).var(ddof=1) / len(fake) + wins.mean(axis=0).var(ddof=1) / len(real)
    return {"value": float(area), "error": float(numpy.sqrt(variance))}


def calibration(real, fake):
    probabilities = scipy.special.expit(numpy.r_[real, fake])
    truth = numpy.r_[numpy.ones(len(real)), numpy.zeros(len(fake))]
    weights = numpy.r_[numpy.full(len(real), 0.5 / len(real)), numpy.full(len(fake), 0.5 / len(fake))]
    excess = scipy.stats.binned_statistic(probabilities, weights * (truth - probabilities), "sum", 15, (0, 1)).statistic
    return {
        "discriminator_accuracy": float(sklearn.metrics.balanced_accuracy_score(truth, probabilities > 0.5)),
        "calibration_error": float(numpy.abs(excess).sum()),
        "brier": float(sklearn.metrics.brier_score_loss(truth, probabilities, sample_weight=weights)),
    }


def regression(rows, columns, classes, apart, decay):
    fake, fake_labels = labelled(rows, columns, classes, 1, apart)
    real, real_labels = labelled(rows + 50, columns, classes, 2, apart)
    scaler = StandardScaler().fit(fake)
    classifier = LogisticRegression(multi_class="multinomial", solver="newton-cg", C=1 / (decay * rows), tol=1e-8,
                                    max_iter=10000)
    classifier.fit(scaler.transform(fake), fake_labels)
    return {
        "rows": rows, "columns": columns, "classes": classes, "apart": apart, "decay": decay,
        "weights": classifier.coef_.ravel().tolist(),
        # Any number may be added to all of them: their sum is made 0.
        "intercepts": (classifier.intercept_ - classifier.intercept_.mean()).tolist(),
        "accuracy": float(classifier.score(scaler.transform(real), real_labels)),
    }


def authenticity(rows, columns, scale, shift):
    real, fake = data(rows, columns, 1), data(rows + 70, columns, 2, scale, shift)
    tree = scipy.spatial.cKDTree(real)
    to_real, nearest = tree.query(fake)
    to_other = tree.query(real, k=2)[0][:, 1]
    return {"rows": rows, "columns": columns, "scale": scale, "shift": shift,
            "value": float((to_real > to_other[nearest]).mean())}


smooth = data(230, 1, 1)[:, 0], data(170, 1, 2, 1.2, 0.1)[:, 0]
tied = tuple(numpy.floor(side * 8) / 8 for side in smooth)
logits = data(200, 5, 3, 8)
truth = labels(200, 5, 4)

result = {
    "auroc": auroc(*smooth),
    "auroc, ties": auroc(*tied),
    "calibration": calibration(data(230, 1, 1, 6, -2)[:, 0], data(170, 1, 2, 6, -4)[:, 0]),
    "accuracy": {str(k): float(sklearn.metrics.top_k_accuracy_score(truth, logits, k=k)) for k in (1, 2, 4)},
    "regression": [regression(150, 4, 3, 0.3, 1e-2), regression(700, 12, 5, 0.25, 1e-3),
                   regression(300, 9, 3, 2, 1e-3)],
    "authenticity": [authenticity(60, 3, 1, 0), authenticity(300, 5, 1.1, 0), authenticity(700, 8, 0.9, 0.05)],
}
target = pathlib.Path(__file__).with_name("labels_and_scores.json")
target.write_text(json.dumps(result, indent=1) + "\n")
