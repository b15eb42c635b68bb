#!/usr/bin/python3
"""Writes images.json: image functions as SciPy and PyTorch compute them in double precision.

Run with Debian's python3-scipy and python3-torch: /usr/bin/python3 make_images.py
"""
import json
import pathlib

import numpy
import scipy.ndimage
import torch
import torch.nn.functional as F

random = numpy.random.default_rng(5)
cases = []


def case(text, images, result):
    cases.append({"text": text, "images": tensor(images), "result": tensor(result)})


def tensor(array):
    return {"shape": list(array.shape), "values": numpy.asarray(array, dtype=float).flatten().tolist()}


def torchwise(images, function):
    """The function of PyTorch's [batch, channels, height, width] on duel's [batch, height, width, channels]."""
    return numpy.moveaxis(function(torch.from_numpy(numpy.moveaxis(images, -1, 1))).numpy(), 1, -1)


def along(images, function):
    """The function of one plane on each channel of each image."""
    planes = [[function(image[:, :, c]) for c in range(image.shape[2])] for image in images]
    return numpy.moveaxis(numpy.array(planes), 1, -1)


images = random.normal(size=(2, 6, 5, 3))
even = random.normal(size=(2, 6, 4, 2))
case("edges(a, epsilon=0)", images,
     along(images, lambda x: numpy.hypot(*(scipy.ndimage.sobel(x, axis, mode="nearest") for axis in (0, 1)))))
case("greyscale(a)", images, images @ numpy.array([[0.299], [0.587], [0.114]]))
case("upsample(a)", images, torchwise(images, lambda x: F.interpolate(x, scale_factor=2, mode="nearest")))
case("upsample(a, 3, method=bilinear)", images,
     torchwise(images, lambda x: F.interpolate(x, scale_factor=3, mode="bilinear", align_corners=False)))
case("downsample(a)", even, torchwise(even, lambda x: F.avg_pool2d(x, 2)))
case("downsample(a, [3, 2], method=bilinear)", even,
     torchwise(even, lambda x: F.interpolate(x, (2, 2), mode="bilinear", align_corners=False, antialias=True)))
kernel = numpy.outer([1, 2, 1], [1, 2, 1]) / 16
case("blur(a)", images, along(images, lambda x: scipy.ndimage.convolve(x, kernel, mode="constant")))
case("blur(a, border=reflect)", images, along(images, lambda x: scipy.ndimage.convolve(x, kernel, mode="mirror")))

pathlib.Path(__file__).with_name("images.json").write_text(json.dumps(cases) + "\n")
