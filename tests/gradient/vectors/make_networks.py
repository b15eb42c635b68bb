#!/usr/bin/python3
"""Three steps of experiments/points/gaussian.yaml and experiments/mnist/mlp.yaml in PyTorch, in double precision, from
weights and inputs that both sides make by formula: writes networks.json. Debian's PyTorch: python3-torch.

Only the layers' arithmetic and autograd are PyTorch's; Keras' batch norm (running variance over N) and Keras' Adam are
written out here. Of each weight the file keeps digests (its sum, its product with cosines, its first and last element),
since the weights themselves would be megabytes.
"""
import json
import math
import os

import torch

torch.set_default_dtype(torch.float64)
STEPS = 3


def wave(shape, phase, scale=1.0):
    """Numbers in ±scale that look random: a multiplicative hash of the index, exact in integers."""
    count = math.prod(shape)
    bits = (torch.arange(count, dtype=torch.int64) * 2654435761 + round(phase * 10) * 97531) % 2**32
    for _ in range(2):
        bits = ((bits ^ (bits >> 16)) * 0x45D9F3B) % 2**32
    bits = bits ^ (bits >> 16)
    return ((bits.to(torch.float64) / 2**31 - 1) * scale).reshape(shape)


def digest(tensor):
    flat = tensor.detach().reshape(-1)
    cosines = torch.cos(torch.arange(flat.numel(), dtype=torch.float64))
    return [flat.sum().item(), (flat * cosines).sum().item(), flat[0].item(), flat[-1].item()]


class Network:
    """Weights by name; forward() is a list of (kind, …) rows in order."""

    def __init__(self, name, rows, phase):
        self.name, self.rows = name, rows
        self.weights, self.states = {}, {}
        counts = {}
        for row in rows:
            counts[row[0]] = counts.get(row[0], 0) + 1
            prefix = f"networks/{name}/{row[0]}_{counts[row[0]]}/"
            if row[0] == "dense":
                _, inputs, outputs, bias = row
                self.add(prefix + "weight", wave((inputs, outputs), phase, 1 / math.sqrt(inputs)))
                if bias:
                    self.add(prefix + "bias", wave((outputs,), phase + 1, 0.1))
            elif row[0] == "batch_norm":
                self.add(prefix + "gamma", 1 + wave((row[1],), phase + 2, 0.1))
                self.add(prefix + "beta", wave((row[1],), phase + 3, 0.1))
                self.states[prefix + "running_mean"] = torch.zeros(row[1])
                self.states[prefix + "running_variance"] = torch.ones(row[1])
            phase += 0.5

    def add(self, name, value):
        self.weights[name] = value.clone().requires_grad_(True)

    def __call__(self, x, train=True):
        counts = {}
        for row in self.rows:
            counts[row[0]] = counts.get(row[0], 0) + 1
            prefix = f"networks/{self.name}/{row[0]}_{counts[row[0]]}/"
            if row[0] == "dense":
                x = x @ self.weights[prefix + "weight"]
                if row[3]:
                    x = x + self.weights[prefix + "bias"]
            elif row[0] == "batch_norm":
                decay = row[2]
                if train:
                    mean, variance = x.mean(0), x.var(0, unbiased=False)
                    for state, value in (("running_mean", mean), ("running_variance", variance)):
                        self.states[prefix + state] = decay * self.states[prefix + state] + (1 - decay) * value.detach()
                else:
                    mean, variance = self.states[prefix + "running_mean"], self.states[prefix + "running_variance"]
                x = (x - mean) / torch.sqrt(variance + 1e-3)
                x = x * self.weights[prefix + "gamma"] + self.weights[prefix + "beta"]
            elif row[0] == "leaky_relu":
                x = torch.nn.functional.leaky_relu(x, row[1])
            elif row[0] == "tanh":
                x = torch.tanh(x)
        return x


class Adam:
    """Keras' form: epsilon beside the root of the uncorrected second moment."""

    def __init__(self, network, lr):
        self.network, self.lr, self.t = network, lr, 0
        self.m = {name: torch.zeros_like(weight) for name, weight in network.weights.items()}
        self.v = {name: torch.zeros_like(weight) for name, weight in network.weights.items()}

    def gradients(self, loss):
        names = list(self.network.weights)
        found = torch.autograd.grad(loss, [self.network.weights[name] for name in names], retain_graph=True)
        return dict(zip(names, found))

    def update(self, gradients):
        self.t += 1
        size = self.lr * math.sqrt(1 - 0.999**self.t) / (1 - 0.9**self.t)
        for name, gradient in gradients.items():
            self.m[name] = 0.9 * self.m[name] + 0.1 * gradient
            self.v[name] = 0.999 * self.v[name] + 0.001 * gradient * gradient
            moved = self.network.weights[name] - size * self.m[name] / (torch.sqrt(self.v[name]) + 1e-7)
            self.network.weights[name] = moved.detach().requires_grad_(True)


def bce(logits, target):
    return torch.nn.functional.binary_cross_entropy_with_logits(logits, torch.full_like(logits, target))


def points(lr=1e-4):
    rows, width = [], 100
    for units in (128, 256, 512):
        rows += [("dense", width, units, False), ("batch_norm", units, 0.99), ("leaky_relu", 0.3)]
        width = units
    generator = Network("generator", rows + [("dense", width, 2, True), ("tanh",)], 0.1)
    discriminator = Network("discriminator", [("dense", 2, 512, True), ("leaky_relu", 0.3), ("dense", 512, 256, True),
                                              ("leaky_relu", 0.3), ("dense", 256, 1, True)], 0.2)
    adam_d, adam_g = Adam(discriminator, lr), Adam(generator, lr)

    def step(number):
        real, z = wave((64, 2), number, 0.5), wave((64, 100), 10 + number)
        fake = generator(z)
        d_real, d_fake = discriminator(real), discriminator(fake)
        d_loss, g_loss = bce(d_real, 1.0) + bce(d_fake, 0.0), bce(d_fake, 1.0)
        d_gradients, g_gradients = adam_d.gradients(d_loss), adam_g.gradients(g_loss)
        adam_d.update(d_gradients)
        adam_g.update(g_gradients)
        losses = {"discriminator.loss": d_loss.item(), "generator.loss": g_loss.item()}
        return losses, [("discriminator#0", d_gradients), ("generator#1", g_gradients)]

    return (generator, discriminator), step


def mnist(lr=1e-3):
    rows, width = [], 100
    for units in (256, 512, 1024):
        rows += [("dense", width, units, True), ("leaky_relu", 0.2), ("batch_norm", units, 0.8)]
        width = units
    generator = Network("generator", rows + [("dense", width, 784, True), ("tanh",)], 0.1)
    discriminator = Network("discriminator", [("dense", 784, 512, True), ("leaky_relu", 0.2), ("dense", 512, 256, True),
                                              ("leaky_relu", 0.2), ("dense", 256, 1, True)], 0.2)
    adam_d, adam_g = Adam(discriminator, lr), Adam(generator, lr)

    def step(number):
        real, z_d = wave((32, 784), number), wave((32, 100), 10 + number)
        z = torch.cat([wave((32, 100), 20 + number), wave((32, 100), 30 + number)])
        real_loss = bce(discriminator(real), 1.0)
        real_gradients = adam_d.gradients(real_loss)
        adam_d.update(real_gradients)
        fake_loss = bce(discriminator(generator(z_d, train=False).detach()), 0.0)
        fake_gradients = adam_d.gradients(fake_loss)
        adam_d.update(fake_gradients)
        g_loss = bce(discriminator(generator(z)), 1.0)
        g_gradients = adam_g.gradients(g_loss)
        adam_g.update(g_gradients)
        losses = {"discriminator.real.loss": real_loss.item(), "discriminator.fake.loss": fake_loss.item(),
                  "generator.loss": g_loss.item()}
        return losses, [("discriminator#0", real_gradients), ("discriminator#1", fake_gradients),
                        ("generator#2", g_gradients)]

    return (generator, discriminator), step


def record(make):
    out = {"losses": [], "gradients": {}, "variables": {}}
    _, step = make(0.0)  # nothing moves: all turns' gradients are those of the initial weights
    out["first_losses"], turns = step(0)
    for turn, gradients in turns:
        for name, gradient in gradients.items():
            out["gradients"][f"check/{turn}/{name}"] = gradient.abs().sum().item()
    networks, step = make()
    for number in range(STEPS):
        out["losses"].append(step(number)[0])
    for network in networks:
        for name, value in {**network.weights, **network.states}.items():
            out["variables"][name] = digest(value)
    return out


if __name__ == "__main__":
    vectors = {"points/gaussian": record(points), "mnist/mlp": record(mnist)}
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "networks.json"), "w") as file:
        json.dump(vectors, file, indent=1)
        file.write("\n")
