#!/usr/bin/python3
"""Writes optimizers.json: a weight after each of seven updates, in double precision.

What PyTorch has is made by torch.optim; what it has not is written out below from the papers and from Keras' formulas.
Run with Debian's python3-torch: /usr/bin/python3 make_optimizers.py
"""
import json
import pathlib

import numpy as np
import torch

random = np.random.RandomState(21)
START = random.normal(size=6)
# Gradients of very different sizes, one of them 0 for ever.
GRADIENTS = random.normal(size=(7, 6)) * np.array([1, 1e-3, 30, 1e-6, 0.1, 0])
STEADY = [1.0] * 7
FALLING = [1, 1, 0.5, 0.5, 0.25, 0.125, 0.1]
cases = []


def add(source, preset, optimizer, lr, factors, weights):
    rates = "{listed: [" + ", ".join(repr(lr * factor) for factor in factors) + "]}"
    cases.append({"source": source, "preset": preset, "optimizer": optimizer.replace("@LR", rates),
                  "weights": [list(map(float, w)) for w in weights]})


def by_torch(optimizer, make, lr, factors=STEADY):
    """`optimizer` is YAML; @LR in it becomes the list of learning rates, lr times each factor."""
    weight = torch.tensor(START, requires_grad=True)
    stepper = make([weight], lr)
    weights = []
    for gradient, factor in zip(GRADIENTS, factors):
        stepper.param_groups[0]["lr"] = lr * factor
        weight.grad = torch.tensor(gradient)
        stepper.step()
        weights.append(weight.detach().numpy().copy())
    add("torch", "torch", optimizer, lr, factors, weights)


def by_formula(optimizer, preset, step, lr, factors=STEADY):
    """step(weight, gradient, t, lr, state) gives the next weight; t counts from 1."""
    weight, state, weights = START.copy(), {}, []
    for t, (gradient, factor) in enumerate(zip(GRADIENTS, factors), start=1):
        weight = step(weight, gradient, t, lr * factor, state)
        weights.append(weight.copy())
    add("formula", preset, optimizer, lr, factors, weights)


optim = torch.optim
by_torch("sgd: {lr: 0.1}", lambda p, lr: optim.SGD(p, lr), 0.1)
by_torch("sgd: {lr: 0.1, weight_decay: 0.05}", lambda p, lr: optim.SGD(p, lr, weight_decay=0.05), 0.1)
by_torch("sgd: {lr: 0.1, momentum: 0.9}", lambda p, lr: optim.SGD(p, lr, momentum=0.9), 0.1)
by_torch("sgd: {lr: @LR, momentum: 0.9, weight_decay: 0.05}",
         lambda p, lr: optim.SGD(p, lr, momentum=0.9, weight_decay=0.05), 0.1, FALLING)
by_torch("sgd: {lr: 0.1, momentum: 0.9, dampening: 0.3}",
         lambda p, lr: optim.SGD(p, lr, momentum=0.9, dampening=0.3), 0.1)
by_torch("sgd: {lr: @LR, momentum: 0.8, nesterov: true}",
         lambda p, lr: optim.SGD(p, lr, momentum=0.8, nesterov=True), 0.1, FALLING)

by_torch("rmsprop", lambda p, lr: optim.RMSprop(p), 0.01)
by_torch("rmsprop: {lr: @LR, decay: 0.9, momentum: 0.5, weight_decay: 0.05, epsilon: 1.0e-3}",
         lambda p, lr: optim.RMSprop(p, lr, alpha=0.9, momentum=0.5, weight_decay=0.05, eps=1e-3), 0.01, FALLING)
by_torch("rmsprop: {lr: 0.01, centered: true, epsilon: 1.0e-3}",
         lambda p, lr: optim.RMSprop(p, lr, centered=True, eps=1e-3), 0.01)

by_torch("adam", lambda p, lr: optim.Adam(p), 1e-3)
by_torch("adam: {lr: @LR, beta1: 0.5, beta2: 0.99, weight_decay: 0.05}",
         lambda p, lr: optim.Adam(p, lr, betas=(0.5, 0.99), weight_decay=0.05), 0.02, FALLING)
by_torch("adam: {lr: 0.02, amsgrad: true, beta2: 0.9}",
         lambda p, lr: optim.Adam(p, lr, betas=(0.9, 0.9), amsgrad=True), 0.02)
by_torch("adamw", lambda p, lr: optim.AdamW(p), 1e-3)
by_torch("adamw: {lr: @LR, weight_decay: 0.1, amsgrad: true, epsilon: 1.0e-4}",
         lambda p, lr: optim.AdamW(p, lr, weight_decay=0.1, amsgrad=True, eps=1e-4), 0.02, FALLING)


def keras_adam(beta1=0.9, beta2=0.999, epsilon=1e-7, amsgrad=False, decay=0.0):
    def step(w, g, t, lr, s):
        s["m"] = s.get("m", 0) + (g - s.get("m", 0)) * (1 - beta1)
        s["v"] = s.get("v", 0) + (g * g - s.get("v", 0)) * (1 - beta2)
        s["top"] = np.maximum(s.get("top", 0), s["v"])
        alpha = lr * np.sqrt(1 - beta2**t) / (1 - beta1**t)
        w = w - w * decay * lr
        return w - s["m"] * alpha / (np.sqrt(s["top"] if amsgrad else s["v"]) + epsilon)

    return step


def keras_sgd(momentum, nesterov=False):
    def step(w, g, t, lr, s):
        s["v"] = -g * lr + s.get("v", 0) * momentum
        return w - g * lr + s["v"] * momentum if nesterov else w + s["v"]

    return step


def keras_rmsprop(rho, momentum=0.0, epsilon=1e-7, centered=False):
    def step(w, g, t, lr, s):
        s["v"] = rho * s.get("v", 0) + (1 - rho) * g * g
        s["g"] = rho * s.get("g", 0) + (1 - rho) * g
        below = s["v"] - s["g"]**2 + epsilon if centered else s["v"] + epsilon
        s["m"] = momentum * s.get("m", 0) + lr * g / np.sqrt(below)
        return w - s["m"]

    return step


def adabelief(beta1=0.9, beta2=0.999, epsilon=1e-16, decay=0.0):
    """Zhuang et al. 2020, algorithm 2."""

    def step(w, g, t, lr, s):
        s["m"] = beta1 * s.get("m", 0) + (1 - beta1) * g
        s["s"] = beta2 * s.get("s", 0) + (1 - beta2) * (g - s["m"])**2 + epsilon
        m_hat, s_hat = s["m"] / (1 - beta1**t), s["s"] / (1 - beta2**t)
        return w * (1 - lr * decay) - lr * m_hat / (np.sqrt(s_hat) + epsilon)

    return step


def lion(beta1=0.9, beta2=0.99, decay=0.0):
    """Chen et al. 2023, algorithm 2."""

    def step(w, g, t, lr, s):
        m = s.get("m", np.zeros_like(w))
        s["m"] = beta2 * m + (1 - beta2) * g
        return w - lr * (np.sign(beta1 * m + (1 - beta1) * g) + decay * w)

    return step


by_formula("adam", "keras", keras_adam(), 1e-3)
by_formula("adam: {lr: @LR, beta1: 0.5, epsilon: 1.0e-3}", "keras", keras_adam(beta1=0.5, epsilon=1e-3), 0.02,
           FALLING)
by_formula("adam: {lr: 0.02, beta2: 0.9, amsgrad: true}", "keras", keras_adam(beta2=0.9, amsgrad=True), 0.02)
by_formula("adamw", "keras", keras_adam(decay=0.004), 1e-3)
by_formula("sgd: {lr: @LR, momentum: 0.9}", "keras", keras_sgd(0.9), 0.1, FALLING)
by_formula("sgd: {lr: @LR, momentum: 0.9, nesterov: true}", "keras", keras_sgd(0.9, True), 0.1, FALLING)
by_formula("rmsprop", "keras", keras_rmsprop(0.9), 1e-3)
by_formula("rmsprop: {lr: @LR, momentum: 0.7}", "keras", keras_rmsprop(0.9, 0.7), 0.01, FALLING)
by_formula("rmsprop: {lr: 0.01, centered: true, epsilon: 1.0e-3}", "keras",
           keras_rmsprop(0.9, centered=True, epsilon=1e-3), 0.01)
by_formula("adabelief", "keras", adabelief(), 1e-3)
by_formula("adabelief: {lr: @LR, beta1: 0.5, beta2: 0.9, epsilon: 1.0e-4, weight_decay: 0.1}", "torch",
           adabelief(0.5, 0.9, 1e-4, 0.1), 0.02, FALLING)
by_formula("lion", "keras", lion(), 1e-4)
by_formula("lion: {lr: @LR, beta1: 0.95, beta2: 0.98, weight_decay: 0.1}", "torch", lion(0.95, 0.98, 0.1), 0.01,
           FALLING)

lines = ",\n".join(json.dumps(c, separators=(",", ":")) for c in cases)
start = json.dumps(START.tolist(), separators=(",", ":"))
gradients = json.dumps(GRADIENTS.tolist(), separators=(",", ":"))
pathlib.Path(__file__).with_name("optimizers.json").write_text(
    f'{{"start":{start},\n"gradients":{gradients},\n"cases":[\n{lines}\n]}}\n')
