#!/usr/bin/python3
"""Draws docs/images/dirac_norms.png and prints the table of docs/dirac.md: trains the twelve Dirac-GANs in a temporary
folder and reads how far (θ, ψ) is from (0, 0).

usage: docs/images/make_dirac_norms.py build/release/duel       (python3-h5py, python3-matplotlib)
"""
import pathlib
import subprocess
import sys
import tempfile

import h5py
import matplotlib
import numpy as np

matplotlib.use("Agg")
import matplotlib.pyplot as plot

ROOT = pathlib.Path(__file__).resolve().parents[2]
GAMES = [("GAN, minimax", "minimax", [], "#000000"),
         ("GAN, non-saturating", "non_saturating", [], "#0072b2"),
         ("WGAN, ψ clipped to ±1", "wgan", [], "#e69f00"),
         ("WGAN-GP, λ = 0.7", "wgan_gp", [], "#cc79a7"),
         ("R1, γ = 0.3", "minimax_r1", [], "#009e73"),
         ("R1, γ = 1", "minimax_r1", ["players.discriminator.loss[1].r1.weight=1"], "#d55e00")]
TURNS = [("simultaneous", []), ("the generator first", ["train.turns=[generator, discriminator]"])]


def norms(program, experiment, overrides, folder):
    """At steps 0 … 500: a step records what it begins with, so there is one more of them."""
    subprocess.run([program, "train", ROOT / f"experiments/points/dirac_{experiment}.yaml", "--out", folder, "--quiet",
                    "train.steps=501", "engine.precision=float64", *overrides], check=True)
    with h5py.File(folder / "run.h5", "r", swmr=True) as file:
        return np.hypot(file["metrics/train/theta"][:], file["metrics/train/psi"][:])


figure, axes = plot.subplots(1, 2, figsize=(11, 4.6), sharey=True, constrained_layout=True)
with tempfile.TemporaryDirectory() as runs:
    for axis, (title, turns) in zip(axes, TURNS):
        print(f"\n| {title} | 0 | 100 | 200 | 300 | 400 | 500 |\n|---|---|---|---|---|---|---|")
        for name, experiment, overrides, colour in GAMES:
            series = norms(sys.argv[1], experiment, turns + overrides, pathlib.Path(runs) / f"{title} {name}")
            print(f"| {name} | " + " | ".join(f"{norm:.3g}" for norm in series[::100]) + " |")
            axis.plot(series, color=colour, linewidth=1.4, label=name)
        axis.set(title=f"turns: {title}", xlabel="step", yscale="log", ylim=(1e-4, 6), xlim=(0, 500))
        axis.grid(alpha=0.3)
axes[0].set_ylabel("distance of (θ, ψ) from the equilibrium")
axes[1].legend(loc="upper left", bbox_to_anchor=(1.01, 1), fontsize=10, frameon=False)
figure.savefig(pathlib.Path(__file__).with_name("dirac_norms.png"), dpi=100)
