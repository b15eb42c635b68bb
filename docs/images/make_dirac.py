#!/usr/bin/python3
"""Draws docs/images/dirac.png: the paths of Dirac-GAN's two weights without and with the R1 penalty.

usage: docs/images/make_dirac.py RUN RUN_WITH_R1      (folders that `duel train` made; python3-h5py, python3-matplotlib)
"""
import os
import sys

import h5py
import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plot

figure, axes = plot.subplots(1, 2, figsize=(9, 4.5), sharex=True, sharey=True, constrained_layout=True)
for axis, run, title in zip(axes, sys.argv[1:3], ["no penalty: circles", "R1, γ = 0.3: converges"]):
    with h5py.File(os.path.join(run, "run.h5"), "r", swmr=True) as file:
        theta, psi = file["metrics/train/theta"][:], file["metrics/train/psi"][:]
    axis.plot(theta, psi, linewidth=1, color="#0072b2")
    axis.plot(theta[0], psi[0], "o", color="#d55e00", label="start")
    axis.plot(theta[-1], psi[-1], "s", color="#009e73", label=f"step {len(theta)}")
    axis.set(xlim=(-1.8, 1.8), ylim=(-1.8, 1.8))
    axis.plot(0, 0, "+", color="black", markersize=12, label="equilibrium")
    axis.set(title=title, xlabel="θ (generator)", aspect="equal")
    axis.grid(alpha=0.3)
axes[0].set_ylabel("ψ (discriminator)")
axes[1].legend(loc="upper right", fontsize=9)
figure.savefig(os.path.join(os.path.dirname(os.path.abspath(__file__)), "dirac.png"), dpi=100)
