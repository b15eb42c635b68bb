#!/usr/bin/python3
"""Writes schedules.json: for each schedule as YAML, the learning rates that PyTorch's scheduler gives step by step."""
import json
import pathlib

import torch
from torch.optim import lr_scheduler as schedulers


def rates(make, base, steps):
    optimizer = torch.optim.SGD([torch.zeros(1)], lr=base)
    scheduler = make(optimizer)
    out = []
    for _ in range(steps):
        out.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    return out


def warmup_then_exponential(optimizer):
    return schedulers.ChainedScheduler([schedulers.LinearLR(optimizer, 0.25, 1, total_iters=6),
                                        schedulers.ExponentialLR(optimizer, 0.9)])


cases = [
    ("linear: {from: 0.2, to: 0.05, steps: 10}", 0.2, 14, lambda o: schedulers.LinearLR(o, 1, 0.25, total_iters=10)),
    ("linear: {from: 0.05, to: 0.1, steps: 7}", 0.1, 9, lambda o: schedulers.LinearLR(o, 0.5, 1, total_iters=7)),
    ("cosine: {from: 0.3, to: 0.1, steps: 12}", 0.3, 13, lambda o: schedulers.CosineAnnealingLR(o, 12, eta_min=0.1)),
    ("cosine: {from: 0.3, steps: 5, restart: true}", 0.3, 17,
     lambda o: schedulers.CosineAnnealingWarmRestarts(o, 5)),
    ("cosine: {from: 0.3, to: 0.01, steps: 3, restart: true, growth: 2}", 0.3, 24,
     lambda o: schedulers.CosineAnnealingWarmRestarts(o, 3, T_mult=2, eta_min=0.01)),
    ("exponential: {from: 0.3, factor: 0.95, every: 1}", 0.3, 20, lambda o: schedulers.ExponentialLR(o, 0.95)),
    ("step: {from: 0.3, factor: 0.1, every: 4}", 0.3, 14, lambda o: schedulers.StepLR(o, 4, 0.1)),
    ("piecewise: {at: [3, 8], values: [0.3, 0.03, 0.003]}", 0.3, 12,
     lambda o: schedulers.MultiStepLR(o, [3, 8], 0.1)),
    ("warmup: {steps: 6, from: 0.25, then: {exponential: {from: 0.4, factor: 0.9, every: 1}}}", 0.4, 12,
     warmup_then_exponential),
]

entries = [json.dumps({"schedule": yaml, "values": rates(make, base, steps)}) for yaml, base, steps, make in cases]
pathlib.Path(__file__).with_name("schedules.json").write_text("[\n" + ",\n".join(entries) + "\n]\n")
