#!/usr/bin/python3
"""Writes image_metrics.json: what numpy, scipy and PyTorch make of images that the tests draw in the same way.

Run it with Debian's python3-numpy, python3-scipy and python3-torch: /usr/bin/python3 make_image_metrics.py
"""
import json
import pathlib

import numpy
import scipy.ndimage
import scipy.stats
import torch


def numbers(count, seed):
    """Numbers in [0, 1) that C++ can make as well: a linear congruence, exact in doubles."""
    values, state = [], seed
    for _ in range(count):
        state = (state * 1103515245 + 12345) % 2**31
        values.append(state / 2**31)
    return numpy.array(values)


def images(shape, seed):
    """Whole pixels 0 … 255, [n, h, w, c]."""
    return numpy.floor(numbers(int(numpy.prod(shape)), seed) * 256).reshape(shape)


def mixed(first, second, share):
    return (1 - share) * first + share * second


def mean_and_error(values):
    return [float(numpy.mean(values)), float(scipy.stats.sem(values))]


# ---- pairs

def ssim(a, b):
    """As scikit-image with gaussian_weights, without use_sample_covariance, data_range=255: per channel, and the mean."""
    def smooth(x):
        return scipy.ndimage.gaussian_filter(x, 1.5, truncate=3.5)[5:-5, 5:-5]

    means = []
    for x, y in zip(numpy.moveaxis(a, -1, 0), numpy.moveaxis(b, -1, 0)):
        ux, uy = smooth(x), smooth(y)
        vx, vy, vxy = smooth(x * x) - ux * ux, smooth(y * y) - uy * uy, smooth(x * y) - ux * uy
        c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
        means.append(((2 * ux * uy + c1) * (2 * vxy + c2) / ((ux**2 + uy**2 + c1) * (vx + vy + c2))).mean())
    return numpy.mean(means)


def psnr(a, b):
    return 10 * numpy.log10(255**2 / numpy.mean((a - b) ** 2))


def perceptual(a, b):
    a, b = (torch.nn.functional.normalize(torch.tensor(x), dim=-1) for x in (a, b))
    return float(((a - b) ** 2).sum(-1).mean())


# ---- MS-SSIM

def moments(x, window):
    """Windowed means of [c, h, w], the image reflected by half a window."""
    border = len(window) // 2
    x = numpy.pad(x, ((0, 0), (border, border), (border, border)), mode="reflect")
    kernel = torch.tensor(numpy.outer(window, window))[None, None]
    return torch.nn.functional.conv2d(torch.tensor(x)[:, None], kernel).numpy()


def ms_ssim(a, b):
    a, b = (numpy.moveaxis(x, -1, 0) for x in (a, b))
    extra = [(0, 0)] + [(max(0, 32 - side) // 2, (max(0, 32 - side) + 1) // 2) for side in a.shape[1:]]
    a, b = (numpy.pad(x, extra, mode="reflect") for x in (a, b))
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    result = 1
    for scale, weight in enumerate([0.0448, 0.2856, 0.3001, 0.2363, 0.1333]):
        if scale:
            a, b = (torch.nn.functional.avg_pool2d(torch.tensor(x), 2).numpy() for x in (a, b))
        size = min(11, *a.shape[1:])
        window = scipy.stats.norm.pdf(numpy.arange(size) - (size - 1) / 2, scale=1.5 * size / 11)
        window /= window.sum()
        ux, uy = moments(a, window), moments(b, window)
        vx, vy = moments(a * a, window) - ux * ux, moments(b * b, window) - uy * uy
        vxy = moments(a * b, window) - ux * uy
        contrast = (2 * vxy + c2) / (vx + vy + c2)
        whole = contrast * (2 * ux * uy + c1) / (ux * ux + uy * uy + c1)
        result *= max(0, (whole if scale == 4 else contrast).mean()) ** weight
    return result


# ---- sliced Wasserstein distances

SMOOTH = numpy.outer([1, 4, 6, 4, 1], [1, 4, 6, 4, 1]) / 256


def pyramid(image):
    """Levels of [h, w, c], as Karras et al. take images apart."""
    levels = [image]
    while min((side + 1) // 2 for side in levels[-1].shape[:2]) >= 16:
        last = levels[-1]
        half = scipy.ndimage.convolve(last, SMOOTH[:, :, None], mode="mirror")[::2, ::2]
        spread = numpy.zeros_like(last)
        spread[::2, ::2] = half
        levels[-1] = last - scipy.ndimage.convolve(spread, 4 * SMOOTH[:, :, None], mode="mirror")
        levels.append(half)
    return levels


def random_patches(level, places):
    """Patches of 7 × 7 pixels of [n, h, w, c] at these places of each image, normalised by channel."""
    patches = numpy.array([image[y:y + 7, x:x + 7] for image, at in zip(level, places) for y, x in at])
    patches = (patches - patches.mean(axis=(0, 1, 2))) / patches.std(axis=(0, 1, 2))
    return patches.reshape(len(patches), -1)


def sliced(real, fake, patches, directions, random):
    """The distances of the levels; the patches of image i of both sides are at the same places."""
    distances = []
    for sides in zip(zip(*map(pyramid, real)), zip(*map(pyramid, fake))):
        real_level, fake_level = map(numpy.array, sides)
        n, height, width, channels = real_level.shape
        places = random.integers(0, (height - 6, width - 6), (n, patches, 2))
        vectors = random.standard_normal((49 * channels, directions))
        vectors /= numpy.linalg.norm(vectors, axis=0)
        projected = [random_patches(level, places) @ vectors for level in (real_level, fake_level)]
        distances.append(numpy.mean([scipy.stats.wasserstein_distance(*both) for both in zip(*(p.T for p in projected))]))
    return 1000 * numpy.array(distances)


pairs = []
for shape in [(4, 11, 11, 1), (5, 16, 13, 3), (3, 32, 32, 3)]:
    real, noise = images(shape, 1), images(shape, 2)
    fake = mixed(real, noise, 0.3)
    pairs.append({
        "shape": shape,
        "ssim": mean_and_error([ssim(a, b) for a, b in zip(real, fake)]),
        "psnr": mean_and_error([psnr(a, b) for a, b in zip(real, fake)]),
        "l1": mean_and_error([numpy.abs(a - b).mean() for a, b in zip(real, fake)]),
        "perceptual_distance": mean_and_error([perceptual(a - 100, b - 100) for a, b in zip(real, fake)]),
    })

multi_scale = []
for shape in [(3, 8, 8, 1), (3, 28, 28, 1), (3, 5, 47, 2), (4, 33, 40, 3), (3, 80, 64, 3)]:
    common, own = images((1,) + shape[1:], 1), images(shape, 2)
    sides = mixed(common, own, 0.4)
    values = [ms_ssim(sides[i], sides[j]) for i in range(shape[0]) for j in range(i)]
    multi_scale.append({"shape": shape, "ms_ssim": mean_and_error(values)})

pyramids = []
for shape in [(31, 20, 1), (32, 35, 2), (62, 61, 3)]:
    levels = pyramid(images(shape, 1))
    pyramids.append({
        "shape": shape,
        "levels": [{"shape": x.shape, "every 17th": numpy.round(x.flatten()[::17], 5).tolist()} for x in levels],
    })

lines = []
for first, second in [(1, 1), (1, 5), (7, 7), (6, 9), (40, 25)]:
    a, b = numbers(first, 1), numbers(second, 2) * 1.5 - 0.2
    lines.append({"sizes": [first, second], "distance": scipy.stats.wasserstein_distance(a, b)})

structures, random = [], numpy.random.default_rng(0)
for shape in [(6, 7, 7, 2), (6, 20, 24, 1), (6, 32, 34, 1)]:
    # Reals are smooth along rows, fakes are not.
    real = scipy.ndimage.uniform_filter1d(images(shape, 1), 9, axis=2, mode="wrap")
    draws = numpy.array([sliced(real, images(shape, 2), 60, 200, random) for _ in range(40)])
    structures.append({"shape": shape, "patches": 60, "directions": 200, "mean": draws.mean(axis=0).tolist(),
                       "deviation": draws.std(axis=0, ddof=1).tolist()})

target = pathlib.Path(__file__).with_name("image_metrics.json")
target.write_text(json.dumps({"pairs": pairs, "multi_scale": multi_scale, "pyramids": pyramids, "lines": lines,
                              "structures": structures}, indent=None, separators=(", ", ": ")) + "\n")
