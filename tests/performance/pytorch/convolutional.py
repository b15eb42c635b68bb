"""The convolutional experiments of experiments/ in PyTorch; experiments.py says by which rules.

`layout` is nchw or nhwc: how PyTorch keeps images in memory. Images are drawn and moved by index as in duel; what is
upsampled, padded or dropped is as in the YAML files.
"""
import gzip

import numpy
import torch
from torch import nn
from torch.nn.functional import binary_cross_entropy, binary_cross_entropy_with_logits

KERAS = {"epsilon": 1e-3, "adam_epsilon": 1e-7}
TORCH = {"epsilon": 1e-5, "adam_epsilon": 1e-8}


class SamePad(nn.Module):
    """Zeros as TensorFlow places them for stride 2: the odd row and column come after."""

    def __init__(self, before, after):
        super().__init__()
        self.sides = (before, after, before, after)

    def forward(self, x):
        return nn.functional.pad(x, self.sides)


class Crop(nn.Module):
    """What `same` leaves of a transposed convolution that adds every window whole."""

    def __init__(self, before, after):
        super().__init__()
        self.before, self.after = before, after

    def forward(self, x):
        return x[:, :, self.before : x.shape[2] - self.after, self.before : x.shape[3] - self.after]


class Game:
    """Two networks, an Adam each, the images in memory."""

    def __init__(self, generator, discriminator, lr, beta1, adam_epsilon, layout, images):
        self.layout = torch.channels_last if layout == "nhwc" else torch.contiguous_format
        self.images = images.contiguous(memory_format=self.layout)
        self.networks = [network.to(memory_format=self.layout) for network in (discriminator, generator) if network]
        self.weights = [list(network.parameters()) for network in self.networks]
        self.adams = [torch.optim.Adam(w, lr=lr, betas=(beta1, 0.999), eps=adam_epsilon) for w in self.weights]
        self.next = 0

    def update(self, player, gradients):
        for weight, gradient in zip(self.weights[player], gradients):
            weight.grad = gradient
        self.adams[player].step()

    def gradients(self, player, loss, keep_graph=False):
        return torch.autograd.grad(loss, self.weights[player], retain_graph=keep_graph)

    def batch(self, count):
        first = self.next
        self.next = first + count if first + 2 * count <= len(self.images) else 0
        return self.images[first : first + count]


def mnist(data):
    with gzip.open(f"{data}/mnist/t10k-images-idx3-ubyte.gz") as file:
        pixels = numpy.frombuffer(file.read(), numpy.uint8, offset=16)
    return torch.from_numpy(pixels.reshape(-1, 1, 28, 28).astype(numpy.float32) / 127.5 - 1)


def cifar(data):
    with gzip.open(f"{data}/cifar10/data_batch_1.bin.gz") as file:
        rows = numpy.frombuffer(file.read(), numpy.uint8).reshape(-1, 3073)
    return torch.from_numpy(rows[:, 1:].reshape(-1, 3, 32, 32).astype(numpy.float32) / 127.5 - 1)


class Dcgan(Game):
    """experiments/mnist/dcgan.yaml: simultaneous turns, one z for both players."""

    images_per_step = 32

    def __init__(self, layout, data):
        def norm(channels, make=nn.BatchNorm2d):
            return make(channels, eps=KERAS["epsilon"], momentum=0.01)

        generator = nn.Sequential(
            nn.Linear(100, 12544, bias=False), norm(12544, nn.BatchNorm1d), nn.LeakyReLU(0.3),
            nn.Unflatten(1, (256, 7, 7)),
            nn.ConvTranspose2d(256, 128, 5, 1, padding=2, bias=False), norm(128), nn.LeakyReLU(0.3),
            nn.ConvTranspose2d(128, 64, 5, 2, bias=False), Crop(1, 2), norm(64), nn.LeakyReLU(0.3),
            nn.ConvTranspose2d(64, 1, 5, 2, bias=False), Crop(1, 2), nn.Tanh(),
        )  # fmt: skip
        discriminator = nn.Sequential(
            SamePad(1, 2), nn.Conv2d(1, 64, 5, 2), nn.LeakyReLU(0.3), nn.Dropout(0.3),
            SamePad(1, 2), nn.Conv2d(64, 128, 5, 2), nn.LeakyReLU(0.3), nn.Dropout(0.3),
            nn.Flatten(), nn.Linear(6272, 1),
        )  # fmt: skip
        super().__init__(generator, discriminator, 1e-4, 0.9, KERAS["adam_epsilon"], layout, mnist(data))

    def step(self):
        discriminator, generator = self.networks
        real = self.batch(32)
        d_fake = discriminator(generator(torch.randn(32, 100)))
        one, zero = torch.ones_like(d_fake), torch.zeros_like(d_fake)
        g_loss = binary_cross_entropy_with_logits(d_fake, one)
        d_loss = binary_cross_entropy_with_logits(discriminator(real), one)
        d_loss = d_loss + binary_cross_entropy_with_logits(d_fake, zero)
        for_generator = self.gradients(1, g_loss, keep_graph=True)
        for_discriminator = self.gradients(0, d_loss)
        self.update(0, for_discriminator)
        self.update(1, for_generator)
        return d_loss.item(), g_loss.item()


class CifarCnn(Game):
    """experiments/cifar10/cnn.yaml: the discriminator, then the generator on the same z, whose images stay the same."""

    images_per_step = 32

    def __init__(self, layout, data):
        def norm(channels, decay):
            return nn.BatchNorm2d(channels, eps=TORCH["epsilon"], momentum=1 - decay)

        generator = nn.Sequential(
            nn.Linear(100, 8192), nn.ReLU(), nn.Unflatten(1, (128, 8, 8)),
            nn.Upsample(scale_factor=2), nn.Conv2d(128, 128, 3, padding=1), norm(128, 0.22), nn.ReLU(),
            nn.Upsample(scale_factor=2), nn.Conv2d(128, 64, 3, padding=1), norm(64, 0.22), nn.ReLU(),
            nn.Conv2d(64, 3, 3, padding=1), nn.Tanh(),
        )  # fmt: skip
        discriminator = nn.Sequential(
            nn.Conv2d(3, 32, 3, 2, 1), nn.LeakyReLU(0.2), nn.Dropout(0.25),
            nn.Conv2d(32, 64, 3, 2, 1), nn.ZeroPad2d((0, 1, 0, 1)), norm(64, 0.18), nn.LeakyReLU(0.25), nn.Dropout(0.25),
            nn.Conv2d(64, 128, 3, 2, 1), norm(128, 0.18), nn.LeakyReLU(0.2), nn.Dropout(0.25),
            nn.Conv2d(128, 256, 3, 1, 1), norm(256, 0.2), nn.LeakyReLU(0.25), nn.Dropout(0.25),
            nn.Flatten(), nn.Linear(6400, 1), nn.Sigmoid(),
        )  # fmt: skip
        super().__init__(generator, discriminator, 2e-4, 0.5, TORCH["adam_epsilon"], layout, cifar(data))

    def step(self):
        discriminator, generator = self.networks
        real = self.batch(32)
        fake = generator(torch.randn(32, 100))
        d_real, d_fake = discriminator(real), discriminator(fake.detach())
        one, zero = torch.ones_like(d_real), torch.zeros_like(d_real)
        d_loss = 0.5 * (binary_cross_entropy(d_real, one) + binary_cross_entropy(d_fake, zero))
        self.update(0, self.gradients(0, d_loss))
        g_loss = binary_cross_entropy(discriminator(fake), one)
        self.update(1, self.gradients(1, g_loss))
        return d_loss.item(), g_loss.item()


class CifarDiscriminator(Game):
    """experiments/cifar10/discriminator.yaml: an update on real images, then one on noise."""

    images_per_step = 64

    def __init__(self, layout, data):
        discriminator = nn.Sequential(
            nn.Conv2d(3, 64, 3, padding=1), nn.LeakyReLU(0.2),
            SamePad(0, 1), nn.Conv2d(64, 128, 3, 2), nn.LeakyReLU(0.2),
            SamePad(0, 1), nn.Conv2d(128, 128, 3, 2), nn.LeakyReLU(0.2),
            SamePad(0, 1), nn.Conv2d(128, 256, 3, 2), nn.LeakyReLU(0.2),
            nn.Flatten(), nn.Dropout(0.4), nn.Linear(4096, 1),
        )  # fmt: skip
        super().__init__(None, discriminator, 2e-4, 0.5, KERAS["adam_epsilon"], layout, cifar(data))

    def step(self):
        discriminator = self.networks[0]
        real = self.images.index_select(0, torch.randint(len(self.images), (64,)))
        noise = torch.rand(64, 3, 32, 32).mul_(2).sub_(1).contiguous(memory_format=self.layout)
        losses = []
        for images, target in ((real, 1.0), (noise, 0.0)):
            logits = discriminator(images)
            loss = binary_cross_entropy_with_logits(logits, torch.full_like(logits, target))
            self.update(0, self.gradients(0, loss))
            losses.append(loss.item())
        return losses
