#!/usr/bin/python3
"""Writes dirac.json: how far (θ, ψ) of Dirac-GAN is from its equilibrium (0, 0), from (1, 1) on, at steps 0 … 500.

Mescheder et al. 2018: the value is f(ψθ) + f(0), which the discriminator ψ ascends and the generator θ descends.
Needs NumPy: /usr/bin/python3 make_dirac.py
"""
import json
import pathlib

import numpy as np

H = 0.2


def s(t):  # f'(t) = σ(-t)
    return 1 / (1 + np.exp(t))


def length(p):  # of the critic's gradient, with what duel adds under the root
    return np.sqrt(p * p + 1e-12)


# θ's descent and ψ's ascent at (θ, ψ).
games = {
    "minimax": (lambda t, p: p * s(p * t), lambda t, p: t * s(p * t)),
    "non_saturating": (lambda t, p: p * s(-p * t), lambda t, p: t * s(p * t)),
    "wgan": (lambda t, p: p, lambda t, p: t),
    "wgan_gp": (lambda t, p: p, lambda t, p: t - 0.7 * 2 * (length(p) - 1) * p / length(p)),
    "minimax_r1 0.3": (lambda t, p: p * s(p * t), lambda t, p: t * s(p * t) - 0.3 * p),
    "minimax_r1 1": (lambda t, p: p * s(p * t), lambda t, p: t * s(p * t) - p),
}


def norms(game, alternating):
    (descent, ascent), (theta, psi), out = games[game], (1.0, 1.0), [np.sqrt(2)]
    for _ in range(500):
        new = theta - H * descent(theta, psi)
        psi = psi + H * ascent(new if alternating else theta, psi)
        theta, psi = new, np.clip(psi, -1, 1) if game == "wgan" else psi
        out.append(np.hypot(theta, psi))
    return [float(f"{norm:.12g}") for norm in out]


cases = [{"game": game, "alternating": alternating, "norms": norms(game, alternating)}
         for game in games for alternating in (False, True)]
lines = ",\n".join(json.dumps(case, separators=(",", ":")) for case in cases)
pathlib.Path(__file__).with_name("dirac.json").write_text(f"[\n{lines}\n]\n")
