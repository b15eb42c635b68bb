"""The networks, batches and turns of experiments/ in PyTorch, written for speed: what `duel bench` is compared with.

Each experiment is a class whose step() does what one step of the YAML file of its name does, its noise and its batch
included. Where PyTorch offers a cheaper way to the same numbers, it is taken:
- gradients come from torch.autograd.grad with the weights of the player alone, so nothing is computed for others;
- players of simultaneous turns share one forward pass of the generator and of the discriminator on its samples;
- pixels are brought to [-1, 1] once, before the first step, and a batch is one index_select.
"""
import gzip

import numpy
import torch
from torch.nn.functional import binary_cross_entropy_with_logits

from convolutional import CifarCnn, CifarDiscriminator, Dcgan

# What `preset: keras` means (docs/performance.md): everything else in this file is in the YAML.
BATCH_NORM_EPSILON = 1e-3
ADAM_EPSILON = 1e-7


def dense(inputs, outputs, bias=True):
    layer = torch.nn.Linear(inputs, outputs, bias)
    torch.nn.init.xavier_uniform_(layer.weight)
    if bias:
        torch.nn.init.zeros_(layer.bias)
    return layer


def batch_norm(features, decay):
    return torch.nn.BatchNorm1d(features, eps=BATCH_NORM_EPSILON, momentum=1 - decay)


def mean_bce(logits, target):
    make = torch.ones_like if target == 1 else torch.zeros_like
    return binary_cross_entropy_with_logits(logits, make(logits))


class Player:
    """The weights of one network and the Adam that updates them."""

    def __init__(self, network, lr, foreach):
        self.weights = list(network.parameters())
        self.adam = torch.optim.Adam(self.weights, lr=lr, betas=(0.9, 0.999), eps=ADAM_EPSILON, foreach=foreach)

    def gradients(self, loss, keep_graph=False):
        return torch.autograd.grad(loss, self.weights, retain_graph=keep_graph)

    def update(self, gradients):
        for weight, gradient in zip(self.weights, gradients):
            weight.grad = gradient
        self.adam.step()


class PointsGaussian:
    """experiments/points/gaussian.yaml: simultaneous turns, one z for both players."""

    images_per_step = 64

    def __init__(self, foreach):
        layers = []
        width = 100
        for units in (128, 256, 512):
            layers += [dense(width, units, bias=False), batch_norm(units, decay=0.99), torch.nn.LeakyReLU(0.3)]
            width = units
        self.generator = torch.nn.Sequential(*layers, dense(width, 2), torch.nn.Tanh())
        self.discriminator = torch.nn.Sequential(
            dense(2, 512), torch.nn.LeakyReLU(0.3), dense(512, 256), torch.nn.LeakyReLU(0.3), dense(256, 1)
        )
        self.players = [Player(self.discriminator, 1e-4, foreach), Player(self.generator, 1e-4, foreach)]

    def step(self):
        real = torch.randn(64, 2).mul_(0.1).add_(0.5)
        z = torch.rand(64, 100).mul_(2).sub_(1)
        critic, maker = self.players
        d_fake = self.discriminator(self.generator(z))
        maker_loss = mean_bce(d_fake, 1)
        critic_loss = mean_bce(self.discriminator(real), 1) + mean_bce(d_fake, 0)
        for_maker = maker.gradients(maker_loss, keep_graph=True)
        for_critic = critic.gradients(critic_loss)
        critic.update(for_critic)
        maker.update(for_maker)
        return critic_loss.item(), maker_loss.item()


class MnistMlp:
    """experiments/mnist/mlp.yaml: two updates of the discriminator, then one of the generator."""

    images_per_step = 32

    def __init__(self, foreach, data):
        with gzip.open(f"{data}/mnist/t10k-images-idx3-ubyte.gz") as file:
            pixels = numpy.frombuffer(file.read(), numpy.uint8, offset=16)
        self.images = torch.from_numpy(pixels.reshape(-1, 784).astype(numpy.float32) / 127.5 - 1)
        layers = []
        width = 100
        for units in (256, 512, 1024):
            layers += [dense(width, units), torch.nn.LeakyReLU(0.2), batch_norm(units, decay=0.8)]
            width = units
        self.generator = torch.nn.Sequential(*layers, dense(width, 784), torch.nn.Tanh())
        self.discriminator = torch.nn.Sequential(
            dense(784, 512), torch.nn.LeakyReLU(0.2), dense(512, 256), torch.nn.LeakyReLU(0.2), dense(256, 1)
        )
        self.players = [Player(self.discriminator, 1e-3, foreach), Player(self.generator, 1e-3, foreach)]

    def step(self):
        critic, maker = self.players
        real = self.images.index_select(0, torch.randint(len(self.images), (32,)))
        d_real = self.discriminator(real)
        real_loss = mean_bce(d_real, 1)
        critic.update(critic.gradients(real_loss))

        with torch.no_grad():
            self.generator.eval()
            frozen = self.generator(torch.randn(32, 100))
            self.generator.train()
        d_frozen = self.discriminator(frozen)
        fake_loss = mean_bce(d_frozen, 0)
        critic.update(critic.gradients(fake_loss))

        maker_loss = mean_bce(self.discriminator(self.generator(torch.randn(64, 100))), 1)
        maker.update(maker.gradients(maker_loss))

        with torch.no_grad():
            accuracy = ((d_real > 0).float().mean() + (d_frozen < 0).float().mean()) / 2
        return real_loss.item(), fake_loss.item(), maker_loss.item(), accuracy.item()


LOOPS = ("loop", "foreach")
LAYOUTS = ("nchw", "nhwc")
# The ways in which each may be written, to be tried out: how Adam goes over the weights, or how images lie in memory.
VARIANTS = {
    "points/gaussian": LOOPS,
    "mnist/mlp": LOOPS,
    "cifar10/cnn": LAYOUTS,
    "cifar10/discriminator": LAYOUTS,
    "mnist/dcgan": LAYOUTS,
}


def make(name, variant, data):
    if name == "points/gaussian":
        return PointsGaussian(variant == "foreach")
    if name == "mnist/mlp":
        return MnistMlp(variant == "foreach", data)
    kinds = {"cifar10/cnn": CifarCnn, "cifar10/discriminator": CifarDiscriminator, "mnist/dcgan": Dcgan}
    return kinds[name](variant, data)
