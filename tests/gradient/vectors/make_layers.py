#!/usr/bin/python3
"""Writes layers.json: what PyTorch computes for each layer, in double precision.

One entry a case: the layer as YAML with its preset and mode, inputs, weights and states by name, the output, the
derivatives of sum(output * probe) by every input and weight, and the states after a training call. Indices (inputs of
an embedding) have no derivative. Run it again after adding a case; the seed keeps the others as they are.
"""
import json
import pathlib
import zlib

import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)


def pack(tensor):
    return {"shape": list(tensor.shape), "values": tensor.detach().reshape(-1).tolist()}


cases = []


def case(name, layer, compute, inputs, weights=None, states=None, preset="keras", mode="train"):
    """compute(inputs, weights, states) gives the output, and puts the states' next values into the dict `states`."""
    torch.manual_seed(zlib.crc32(name.encode()))
    inputs = [x() if callable(x) else torch.randn(x) for x in inputs]
    weights = {k: torch.randn(shape) for k, shape in (weights or {}).items()}
    states = {k: torch.rand(shape) + 0.5 for k, shape in (states or {}).items()}
    entry = {"name": name, "layer": layer, "preset": preset, "mode": mode,
             "inputs": [pack(x) for x in inputs],
             "weights": {k: pack(w) for k, w in weights.items()},
             "states": {k: pack(s) for k, s in states.items()}}
    floating = [x.is_floating_point() for x in inputs]
    leaves = [x for x, f in zip(inputs, floating) if f] + list(weights.values())
    for leaf in leaves:
        leaf.requires_grad_()
    output = compute(inputs, weights, states)
    probe = torch.randn(output.shape)
    gradients = list(torch.autograd.grad((output * probe).sum(), leaves))
    entry["output"] = pack(output)
    entry["probe"] = pack(probe)
    entry["input_gradients"] = [pack(gradients.pop(0)) if f else None for f in floating]
    entry["weight_gradients"] = dict(zip(weights, map(pack, gradients)))
    entry["states_after"] = {k: pack(s) for k, s in states.items()}
    cases.append(entry)


def elementwise(name, layer, function, preset="keras"):
    def numbers():
        x = torch.randn(3, 4) * 2
        x[0, 0], x[1, 2], x[2, 3] = 0.0, 30.0, -30.0
        return x
    case(name, layer, lambda x, w, s: function(x[0]), [numbers], preset=preset)


# Dense and embedding.
def dense(x, w, s):
    return F.linear(x[0], w["weight"].t(), w.get("bias"))


case("dense", "dense: 5", dense, [(3, 4)], {"weight": (4, 5), "bias": (5,)})
case("dense_on_last_axis", "dense: {units: 2}", dense, [(2, 3, 2, 4)], {"weight": (4, 2), "bias": (2,)})
case("dense_without_bias", "dense: {units: 3, bias: false}", dense, [(4, 2)], {"weight": (2, 3)})
for name, shape in (("embedding", (5,)), ("embedding_of_lists", (2, 3))):
    case(name, "embedding: {classes: 4, size: 3}", lambda x, w, s: F.embedding(x[0], w["weight"]),
         [lambda shape=shape: torch.randint(0, 4, shape)], {"weight": (4, 3)})


# Batch normalisation; PyTorch's running variance is over N-1, so that over N is put right by hand.
def batch_norm(decay, epsilon, over_all, training=True):
    def compute(x, w, s):
        channels_first = x[0].movedim(-1, 1)
        mean, variance = s["running_mean"].clone(), s["running_variance"].clone()
        y = F.batch_norm(channels_first, mean, variance, w.get("gamma"), w.get("beta"), training, 1 - decay, epsilon)
        if training and over_all:
            count = x[0].numel() // x[0].shape[-1]
            batch = (variance - decay * s["running_variance"]) / (1 - decay) * (count - 1) / count
            variance = decay * s["running_variance"] + (1 - decay) * batch
        s["running_mean"], s["running_variance"] = mean, variance
        return y.movedim(1, -1)
    return compute


def channels(n):
    return ({"gamma": (n,), "beta": (n,)}, {"running_mean": (n,), "running_variance": (n,)})


case("batch_norm_keras", "batch_norm", batch_norm(0.99, 1e-3, True), [(6, 3)], *channels(3))
case("batch_norm_keras_images", "batch_norm", batch_norm(0.99, 1e-3, False), [(2, 3, 2, 3)], *channels(3))
case("batch_norm_torch", "batch_norm", batch_norm(0.9, 1e-5, False), [(6, 3)], *channels(3), preset="torch")
case("batch_norm_torch_images", "batch_norm", batch_norm(0.9, 1e-5, False), [(2, 3, 2, 3)], *channels(3),
     preset="torch")
case("batch_norm_population", "batch_norm: {decay: 0.8, running_variance: population}", batch_norm(0.8, 1e-3, True),
     [(2, 2, 2, 3)], *channels(3))
case("batch_norm_sample", "batch_norm: {decay: 0.22, epsilon: 0.01, running_variance: sample}",
     batch_norm(0.22, 0.01, False), [(5, 2)], *channels(2))
case("batch_norm_plain", "batch_norm: {scale: false, center: false}", batch_norm(0.99, 1e-3, True), [(5, 2)],
     None, channels(2)[1])
case("batch_norm_inference", "batch_norm", batch_norm(0.99, 1e-3, True, training=False), [(4, 3)], *channels(3),
     mode="inference")


# Batch normalisation with a scale and an offset for each example.
def conditioned(affine_of, training=True):
    def compute(x, w, s):
        plain = batch_norm(0.99, 1e-3, x[0].dim() == 2, training)(x, {}, s)
        gamma, beta = affine_of(x[1], w)
        shape = [len(gamma)] + [1] * (x[0].dim() - 2) + [-1]
        return plain * gamma.reshape(shape) + beta.reshape(shape)
    return compute


def by_vector(y, w):
    return 1 + y @ w["gamma/weight"], y @ w["beta/weight"]


def by_class(y, w):
    return F.embedding(y, w["gamma"]), F.embedding(y, w["beta"])


def by_network(z, w):
    h = torch.relu(z @ w["hidden/weight"] + w["hidden/bias"])
    return 1 + h @ w["gamma/weight"] + w["gamma/bias"], h @ w["beta/weight"] + w["beta/bias"]


case("conditional_batch_norm", "conditional_batch_norm", conditioned(by_vector), [(4, 2, 3, 3), (4, 2)],
     {"gamma/weight": (2, 3), "beta/weight": (2, 3)}, channels(3)[1])
case("conditional_batch_norm_classes", "conditional_batch_norm: 5", conditioned(by_class),
     [(6, 3), lambda: torch.randint(0, 5, (6,))], {"gamma": (5, 3), "beta": (5, 3)}, channels(3)[1])
case("conditional_batch_norm_inference", "conditional_batch_norm", conditioned(by_vector, False),
     [(4, 3), (4, 2)], {"gamma/weight": (2, 3), "beta/weight": (2, 3)}, channels(3)[1], mode="inference")
case("self_modulated_batch_norm", "self_modulated_batch_norm: 4", conditioned(by_network), [(5, 3), (5, 2)],
     {"hidden/weight": (2, 4), "hidden/bias": (4,), "gamma/weight": (4, 3), "gamma/bias": (3,),
      "beta/weight": (4, 3), "beta/bias": (3,)}, channels(3)[1])


# The parts of style-based generators. The modulated convolution as published: weights of its own for each example.
def modulated(padding, demodulate=True, style=None):
    def compute(x, w, s):
        vector = x[1] if style is None else x[1][:, style]
        scale = 1 + vector @ w["style/weight"] + w["style/bias"]
        weights = w["weight"].permute(3, 2, 0, 1) * scale[:, None, :, None, None]
        if demodulate:
            weights = weights / (weights.square().sum((2, 3, 4), keepdim=True) + 1e-8).sqrt()
        y = torch.cat([F.conv2d(image[None], one, padding=padding)
                       for image, one in zip(x[0].movedim(-1, 1), weights)]).movedim(1, -1)
        return y + w["bias"] if "bias" in w else y
    return compute


def adaptive_instance_norm(x, w, s):
    plain = F.instance_norm(x[0].movedim(-1, 1), eps=1e-3).movedim(1, -1)
    gamma, beta = (x[1] @ w[f"{name}/weight"] + w[f"{name}/bias"] for name in ("gamma", "beta"))
    return plain * (1 + gamma[:, None, None]) + beta[:, None, None]


case("modulated_conv2d", "modulated_conv2d: 4", modulated(1), [(3, 4, 5, 2), (3, 3)],
     {"weight": (3, 3, 2, 4), "bias": (4,), "style/weight": (3, 2), "style/bias": (2,)})
case("modulated_conv2d_plain", "modulated_conv2d: {filters: 2, kernel: [2, 1], padding: valid, demodulate: false, bias: false}",
     modulated(0, False), [(2, 3, 3, 3), (2, 4)], {"weight": (2, 1, 3, 2), "style/weight": (4, 3), "style/bias": (3,)})
case("modulated_conv2d_of_styles", "modulated_conv2d: {filters: 3, kernel: 1, style: 2}", modulated(0, style=2),
     [(2, 2, 3, 2), (2, 4, 3)], {"weight": (1, 1, 2, 3), "bias": (3,), "style/weight": (3, 2), "style/bias": (2,)})
case("adaptive_instance_norm", "adaptive_instance_norm", adaptive_instance_norm, [(2, 3, 2, 4), (2, 3)],
     {"gamma/weight": (3, 4), "gamma/bias": (4,), "beta/weight": (3, 4), "beta/bias": (4,)})
case("learned_constant", "learned_constant: [2, 3]", lambda x, w, s: w["weight"].expand(4, 2, 3) + 0 * x[0].sum(),
     [(4, 5)], {"weight": (2, 3)})
case("equalized", "equalized: {layer: {dense: 3}, multiplier: 0.01, gain: 1.5}",
     lambda x, w, s: F.linear(x[0], w["weight"].t() * (0.01 * 1.5 / 4 ** 0.5), w["bias"] * 0.01), [(5, 4)],
     {"weight": (4, 3), "bias": (3,)})


# The product of features and a class's vector at a discriminator's end.
def projection(vectors):
    return lambda x, w, s: (F.linear(x[0], w["weight"].t(), w.get("bias")) +
                            (vectors(x[1], w["condition/weight"]) * x[0]).sum(1, keepdim=True))


case("projection", "projection", projection(torch.matmul), [(3, 4), (3, 2)],
     {"weight": (4, 1), "bias": (1,), "condition/weight": (2, 4)})
case("projection_classes", "projection: {classes: 3, bias: false}", projection(F.embedding),
     [(4, 5), lambda: torch.randint(0, 3, (4,))], {"weight": (5, 1), "condition/weight": (3, 5)})


# Layer normalisation.
def layer_norm(epsilon, everything=False):
    return lambda x, w, s: F.layer_norm(x[0], x[0].shape[1:] if everything else x[0].shape[-1:], w.get("gamma"),
                                        w.get("beta"), epsilon)


case("layer_norm", "layer_norm", layer_norm(1e-3), [(3, 5)], {"gamma": (5,), "beta": (5,)})
case("layer_norm_torch", "layer_norm", layer_norm(1e-5), [(2, 3, 4)], {"gamma": (4,), "beta": (4,)}, preset="torch")
case("layer_norm_all", "layer_norm: all", layer_norm(1e-3, True), [(2, 2, 3)], {"gamma": (2, 3), "beta": (2, 3)})
case("layer_norm_plain", "layer_norm: {scale: false, center: false}", layer_norm(1e-3), [(3, 4)])

# Normalisation of each example.
def first(x):
    """The channels behind the batch, as PyTorch wants them."""
    return x.movedim(-1, 1)


def images(function):
    return lambda x, w, s: function(first(x[0])).movedim(1, -1)


affine = {"gamma": (4,), "beta": (4,)}
case("instance_norm", "instance_norm", lambda x, w, s: F.instance_norm(
    first(x[0]), weight=w["gamma"], bias=w["beta"], eps=1e-3).movedim(1, -1), [(2, 3, 2, 4)], affine)
case("instance_norm_torch", "instance_norm", images(F.instance_norm), [(2, 3, 2, 4)], preset="torch")
case("instance_norm_sequence", "instance_norm", images(F.instance_norm), [(2, 5, 3)], preset="torch")
case("group_norm", "group_norm: 2", lambda x, w, s: F.group_norm(
    first(x[0]), 2, w["gamma"], w["beta"], 1e-3).movedim(1, -1), [(2, 3, 2, 4)], affine)
case("group_norm_torch", "group_norm: {groups: 4}", lambda x, w, s: F.group_norm(
    x[0], 4, w["gamma"], w["beta"], 1e-5), [(3, 8)], {"gamma": (8,), "beta": (8,)}, preset="torch")
case("pixel_norm", "pixel_norm", lambda x, w, s: x[0] * torch.rsqrt((x[0] ** 2).mean(-1, keepdim=True) + 1e-8),
     [(2, 3, 2, 4)])


# Resizing. Keras' bicubic is what PyTorch computes with antialiasing, which changes nothing else when it enlarges.
def resized(mode, height, width, **options):
    return images(lambda x: F.interpolate(x, size=(height, width), mode=mode, **options))


case("upsample_nearest", "upsample", resized("nearest", 6, 4), [(2, 3, 2, 2)])
case("upsample_nearest_unequal", "upsample: [1, 3]", resized("nearest", 3, 6), [(2, 3, 2, 2)])
case("upsample_bilinear", "upsample: {factor: [2, 3], method: bilinear}", resized("bilinear", 6, 12), [(2, 3, 4, 2)])
case("upsample_bicubic", "upsample: {method: bicubic}", resized("bicubic", 10, 6), [(2, 5, 3, 2)], preset="torch")
case("upsample_bicubic_keras", "upsample: {factor: 3, method: bicubic}", resized("bicubic", 12, 9, antialias=True),
     [(1, 4, 3, 2)])
case("downsample_average", "downsample: [2, 3]", images(lambda x: F.avg_pool2d(x, (2, 3))), [(2, 4, 6, 2)])
case("downsample_bilinear", "downsample: {method: bilinear}", resized("bilinear", 4, 3, antialias=True),
     [(2, 8, 6, 2)])
case("downsample_bicubic", "downsample: {factor: 3, method: bicubic}", resized("bicubic", 3, 2, antialias=True),
     [(1, 9, 6, 2)])
case("downsample_strided", "downsample: {method: strided}", lambda x, w, s: x[0][:, ::2, ::2], [(2, 4, 6, 2)])


def blurred(taps, stride, mode):
    """PyTorch pads by `mode`, then convolves each channel with the outer product of the taps."""
    def compute(x):
        line = torch.tensor(taps) / sum(taps)
        kernel = (line[:, None] * line[None, :]).expand(x.shape[1], 1, -1, -1)
        before, after = (len(taps) - 1) // 2, len(taps) // 2
        return F.conv2d(F.pad(x, (before, after, before, after), mode=mode), kernel, stride=stride, groups=x.shape[1])
    return images(compute)


case("blur", "blur", blurred([1., 2., 1.], 1, "constant"), [(2, 4, 3, 2)])
case("blur_even", "blur: {taps: [1, 3, 3, 1], stride: 2}", blurred([1., 3., 3., 1.], 2, "constant"), [(2, 5, 4, 2)])
case("blur_reflected", "blur: {taps: [1, 4, 6, 4, 1], border: reflect, stride: [2, 1]}",
     blurred([1., 4., 6., 4., 1.], (2, 1), "reflect"), [(2, 5, 4, 2)])
case("blur_repeated", "blur: {taps: [1, 2, 5], border: repeat}", blurred([1., 2., 5.], 1, "replicate"),
     [(2, 3, 4, 2)])

# Pooling.
case("max_pool", "max_pool", images(lambda x: F.max_pool2d(x, 2)), [(2, 5, 4, 2)])
case("max_pool_padded", "max_pool: {size: 3, stride: 2, padding: 1}", images(lambda x: F.max_pool2d(x, 3, 2, 1)),
     [(2, 5, 4, 2)])
case("average_pool", "average_pool: [2, 3]", images(lambda x: F.avg_pool2d(x, (2, 3))), [(2, 5, 6, 2)])
case("average_pool_padded", "average_pool: {size: 3, stride: [2, 1], padding: 1}",
     images(lambda x: F.avg_pool2d(x, 3, (2, 1), 1, count_include_pad=False)), [(2, 5, 4, 2)])
case("average_pool_counted", "average_pool: {size: 3, stride: 2, padding: 1}",
     images(lambda x: F.avg_pool2d(x, 3, 2, 1)), [(2, 5, 4, 2)], preset="torch")
case("global_pool_average", "global_pool", lambda x, w, s: F.adaptive_avg_pool2d(first(x[0]), 1).flatten(1),
     [(2, 3, 4, 2)])
case("global_pool_max", "global_pool: {method: max, keep: true}", images(lambda x: F.adaptive_max_pool2d(x, 1)),
     [(2, 3, 4, 2)])

# Margins and shuffles.
case("zero_pad", "zero_pad: [1, 2, 3, 0]", images(lambda x: F.pad(x, (3, 0, 1, 2))), [(2, 3, 4, 2)])
case("reflect_pad", "reflect_pad: [1, 2, 0, 3]", images(lambda x: F.pad(x, (0, 3, 1, 2), mode="reflect")),
     [(2, 3, 4, 2)])
case("crop", "crop: [1, 0]", images(lambda x: F.pad(x, (0, 0, -1, -1))), [(2, 3, 4, 2)])
case("pixel_shuffle", "pixel_shuffle", images(lambda x: F.pixel_shuffle(x, 2)), [(2, 2, 3, 8)], preset="torch")
case("pixel_unshuffle", "pixel_unshuffle: 3", images(lambda x: F.pixel_unshuffle(x, 3)), [(2, 6, 3, 2)],
     preset="torch")


# Statistics of the batch, and attention, written after the papers.
def minibatch_stddev(group, features):
    def compute(x, w, s):
        n, h, width, c = x[0].shape
        y = first(x[0]).reshape(group, -1, features, c // features, h, width)
        y = y - y.mean(0, keepdim=True)
        y = (y.square().mean(0) + 1e-8).sqrt().mean([2, 3, 4], keepdim=True).mean(2)
        return torch.cat([first(x[0]), y.repeat(group, 1, h, width)], 1).movedim(1, -1)
    return compute


def minibatch_discrimination(x, w, s):
    m = (x[0] @ w["weight"]).unflatten(1, (3, 2))
    distance = (m[:, None] - m[None, :]).abs().sum(-1)
    return torch.cat([x[0], torch.exp(-distance).sum(1)], 1)


def self_attention(pool):
    def compute(x, w, s):
        def pointwise(name, images):
            return F.conv2d(images, w[name + "/weight"].t()[:, :, None, None])
        def pooled(images):
            return F.max_pool2d(images, 2) if pool else images
        images = first(x[0])
        queries, keys = pointwise("query", images).flatten(2), pooled(pointwise("key", images)).flatten(2)
        attention = torch.softmax(torch.bmm(queries.transpose(1, 2), keys), -1)
        values = pooled(pointwise("value", images)).flatten(2)
        gathered = torch.bmm(values, attention.transpose(1, 2)).unflatten(2, images.shape[2:])
        return (images + w["gain"] * pointwise("output", gathered)).movedim(1, -1)
    return compute


def attention_weights(c):
    return {"query/weight": (c, c // 8), "key/weight": (c, c // 8), "value/weight": (c, c // 2),
            "output/weight": (c // 2, c), "gain": ()}


case("minibatch_stddev", "minibatch_stddev", minibatch_stddev(4, 1), [(8, 2, 3, 2)])
case("minibatch_stddev_parts", "minibatch_stddev: {group: 2, features: 3}", minibatch_stddev(2, 3), [(6, 2, 1, 6)])
case("minibatch_discrimination", "minibatch_discrimination: {kernels: 3, size: 2}", minibatch_discrimination,
     [(5, 4)], {"weight": (4, 6)})
case("self_attention", "self_attention", self_attention(True), [(2, 4, 2, 8)], attention_weights(8))
case("self_attention_unpooled", "self_attention: {pool: false}", self_attention(False), [(2, 3, 2, 8)],
     attention_weights(8))



# Weights in another form, and layers within layers.
def spectral_norm(module, to_torch, iterations=1):
    """PyTorch's own wrapper around a module, given our weights in its arrangement."""
    def compute(x, w, s):
        wrapped = torch.nn.utils.spectral_norm(module(), n_power_iterations=iterations)
        del wrapped._parameters["weight_orig"], wrapped._parameters["bias"]
        wrapped.weight_orig, wrapped.bias = to_torch(w["weight"]), w["bias"]
        wrapped.weight_u = s["weight_u"].clone()
        y = wrapped(first(x[0])).movedim(1, -1)
        s["weight_u"] = wrapped.weight_u
        return y
    return compute


def weight_norm(function, to_torch, axis):
    def compute(x, w, s):
        v = to_torch(w["weight_v"])
        g = w["weight_g"].reshape([-1 if i == axis else 1 for i in range(v.dim())])
        return function(first(x[0]), torch._weight_norm(v, g, axis), w["bias"]).movedim(1, -1)
    return compute


def outputs_first(weight):
    return weight.movedim([-1, -2], [0, 1])


case("spectral_norm", "spectral_norm: {layer: {dense: 5}}",
     spectral_norm(lambda: torch.nn.Linear(4, 5), torch.t), [(3, 4)], {"weight": (4, 5), "bias": (5,)},
     {"weight_u": (5,)})
case("spectral_norm_conv2d", "spectral_norm: {layer: {conv2d: {filters: 5, kernel: [2, 3]}}, iterations: 3}",
     spectral_norm(lambda: torch.nn.Conv2d(2, 5, (2, 3)), outputs_first, 3), [(2, 3, 4, 2)],
     {"weight": (2, 3, 2, 5), "bias": (5,)}, {"weight_u": (5,)})
case("spectral_norm_transposed",
     "spectral_norm: {layer: {conv2d_transpose: {filters: 5, kernel: 3, stride: 2}}}",
     spectral_norm(lambda: torch.nn.ConvTranspose2d(2, 5, 3, 2), outputs_first), [(2, 3, 2, 2)],
     {"weight": (3, 3, 5, 2), "bias": (5,)}, {"weight_u": (5,)})
case("weight_norm", "weight_norm: {layer: {dense: 5}}", weight_norm(F.linear, torch.t, 0), [(3, 4)],
     {"weight_v": (4, 5), "weight_g": (5,), "bias": (5,)})
case("weight_norm_conv2d", "weight_norm: {layer: {conv2d: {filters: 5, kernel: [2, 3]}}}",
     weight_norm(F.conv2d, outputs_first, 0), [(2, 3, 4, 2)],
     {"weight_v": (2, 3, 2, 5), "weight_g": (5,), "bias": (5,)})
case("weight_norm_transposed", "weight_norm: {layer: {conv2d_transpose: {filters: 5, kernel: 3, stride: 2}}}",
     weight_norm(lambda x, w, b: F.conv_transpose2d(x, w, b, 2), outputs_first, 1), [(2, 3, 2, 2)],
     {"weight_v": (3, 3, 5, 2), "weight_g": (5,), "bias": (5,)})


def linear(x, w, path):
    return F.linear(x, w[path + "/weight"].t(), w[path + "/bias"])


def linear_weights(**shapes):
    weights = {}
    for path, (inputs, outputs) in shapes.items():
        weights[path.replace("__", "/") + "/weight"] = (inputs, outputs)
        weights[path.replace("__", "/") + "/bias"] = (outputs,)
    return weights


case("residual", "residual: [dense: 5, tanh, dense: 4]",
     lambda x, w, s: x[0] + linear(torch.tanh(linear(x[0], w, "dense_1")), w, "dense_2"), [(3, 4)],
     linear_weights(dense_1=(4, 5), dense_2=(5, 4)))
case("residual_shortcut", "residual: {layers: [dense: 5, tanh], shortcut: [dense: {units: 5, as: projection}]}",
     lambda x, w, s: linear(x[0], w, "shortcut/projection") + torch.tanh(linear(x[0], w, "dense_1")), [(3, 4)],
     linear_weights(dense_1=(4, 5), shortcut__projection=(4, 5)))
case("repeat", "repeat: {times: 2, layers: [dense: 4, tanh]}",
     lambda x, w, s: torch.tanh(linear(torch.tanh(linear(x[0], w, "1/dense_1")), w, "2/dense_1")), [(3, 4)],
     linear_weights(**{"1__dense_1": (4, 4), "2__dense_1": (4, 4)}))

# Randomness rests in inference.
case("dropout_inference", "dropout: 0.4", lambda x, w, s: F.dropout(x[0], 0.4, training=False), [(3, 4)],
     mode="inference")
case("spatial_dropout_inference", "spatial_dropout: 0.4", lambda x, w, s: F.dropout2d(first(x[0]), 0.4, training=False)
     .movedim(1, -1), [(2, 2, 2, 3)], mode="inference")
case("gaussian_noise_inference", "gaussian_noise: 0.3", lambda x, w, s: x[0] * 1, [(3, 4)], mode="inference")

# Shapes and joins.
case("reshape", "reshape: [3, 2]", lambda x, w, s: x[0].reshape(2, 3, 2), [(2, 6)])
case("reshape_open", "reshape: [-1, 4]", lambda x, w, s: x[0].reshape(2, -1, 4), [(2, 2, 6)])
case("flatten", "flatten", lambda x, w, s: x[0].flatten(1), [(2, 3, 2)])
case("slice", "slice: {start: 1, size: 2}", lambda x, w, s: x[0][:, :, 1:3], [(2, 3, 4)])
case("slice_axis", "slice: {size: 2, axis: 1}", lambda x, w, s: x[0][:, :2], [(2, 3, 4)])
case("concat", "concat", lambda x, w, s: torch.cat(x, -1), [(2, 3), (2, 1), (2, 2)])
case("concat_axis", "concat: 1", lambda x, w, s: torch.cat(x, 1), [(2, 3, 2), (2, 1, 2)])
case("add", "add", lambda x, w, s: x[0] + x[1] + x[2], [(2, 3), (2, 3), (2, 1)])
case("multiply", "multiply", lambda x, w, s: x[0] * x[1], [(2, 3, 2), (2, 1, 2)])
case("maxout", "maxout: 3", lambda x, w, s: x[0].unflatten(-1, (2, 3)).amax(-1), [(4, 6)])

# Convolutions: weights lie as [height, width, channels, outputs], images as [height, width, channels].
def nchw(image):
    return image.movedim(-1, 1)


def nhwc(image):
    return image.movedim(1, -1)


def convolution(before=(0, 0), after=(0, 0), **how):
    def compute(x, w, s):
        padded = F.pad(nchw(x[0]), (before[1], after[1], before[0], after[0]))
        return nhwc(F.conv2d(padded, w["weight"].permute(3, 2, 0, 1), w.get("bias"), **how))
    return compute


def transposed(crop_before=0, crop_after=0, **how):
    def compute(x, w, s):
        y = F.conv_transpose2d(nchw(x[0]), w["weight"].permute(3, 2, 0, 1), w.get("bias"), **how)
        return nhwc(y[:, :, crop_before:y.shape[2] - crop_after, crop_before:y.shape[3] - crop_after])
    return compute


case("conv2d", "conv2d: {filters: 3, kernel: 3}", convolution(), [(2, 5, 4, 2)], {"weight": (3, 3, 2, 3), "bias": (3,)})
case("conv2d_same", "conv2d: {filters: 2, kernel: 5, stride: 2, padding: same, bias: false}",
     convolution((1, 2), (2, 2), stride=2), [(1, 6, 5, 2)], {"weight": (5, 5, 2, 2)})
case("conv2d_one_pixel", "conv2d: {filters: 2, kernel: 3, padding: 1}", convolution(padding=1), [(2, 1, 1, 3)],
     {"weight": (3, 3, 3, 2), "bias": (2,)})
case("conv2d_sides", "conv2d: {filters: 2, kernel: [2, 3], stride: [2, 1], dilation: [1, 2], padding: [1, 0, 2, 3]}",
     convolution((1, 2), (0, 3), stride=(2, 1), dilation=(1, 2)), [(1, 5, 4, 1)],
     {"weight": (2, 3, 1, 2), "bias": (2,)})
case("conv2d_groups", "conv2d: {filters: 4, kernel: 2, groups: 2}", convolution(groups=2), [(1, 3, 3, 4)],
     {"weight": (2, 2, 2, 4), "bias": (4,)})
case("conv2d_pointwise", "conv2d: {filters: 4, kernel: 1}", convolution(), [(2, 2, 3, 2)],
     {"weight": (1, 1, 2, 4), "bias": (4,)})
case("conv2d_transpose", "conv2d_transpose: {filters: 2, kernel: 3, stride: 2}", transposed(stride=2), [(1, 2, 3, 3)],
     {"weight": (3, 3, 2, 3), "bias": (2,)})
case("conv2d_transpose_same", "conv2d_transpose: {filters: 2, kernel: 5, stride: 2, padding: same, bias: false}",
     transposed(1, 2, stride=2), [(1, 3, 2, 2)], {"weight": (5, 5, 2, 2)})
case("conv2d_transpose_padded",
     "conv2d_transpose: {filters: 4, kernel: 3, stride: 2, padding: 1, output_padding: 1, groups: 2}",
     transposed(stride=2, padding=1, output_padding=1, groups=2), [(1, 2, 2, 4)],
     {"weight": (3, 3, 2, 4), "bias": (4,)})
case("depthwise_conv2d", "depthwise_conv2d: {kernel: 3, multiplier: 2, padding: 1}", convolution(padding=1, groups=2),
     [(1, 3, 4, 2)], {"weight": (3, 3, 1, 4), "bias": (4,)})
case("separable_conv2d", "separable_conv2d: {filters: 3, kernel: 2}",
     lambda x, w, s: nhwc(F.conv2d(F.conv2d(nchw(x[0]), w["depthwise_weight"].permute(3, 2, 0, 1), groups=2),
                                   w["weight"].permute(3, 2, 0, 1), w["bias"])),
     [(1, 3, 3, 2)], {"depthwise_weight": (2, 2, 1, 2), "weight": (1, 1, 2, 3), "bias": (3,)})
case("conv1d", "conv1d: {filters: 3, kernel: 3, stride: 2, padding: 1}",
     lambda x, w, s: nhwc(F.conv1d(nchw(x[0]), w["weight"].permute(2, 1, 0), w["bias"], stride=2, padding=1)),
     [(2, 6, 2)], {"weight": (3, 2, 3), "bias": (3,)})

# Activations, at 0 too, and far out.
elementwise("relu", "relu", F.relu)
elementwise("leaky_relu_keras", "leaky_relu", lambda x: F.leaky_relu(x, 0.3))
elementwise("leaky_relu_torch", "leaky_relu", F.leaky_relu, preset="torch")
elementwise("leaky_relu", "leaky_relu: 0.2", lambda x: F.leaky_relu(x, 0.2))
elementwise("elu", "elu", F.elu)
elementwise("elu_alpha", "elu: 0.7", lambda x: F.elu(x, 0.7))
elementwise("selu", "selu", F.selu)
elementwise("gelu", "gelu", F.gelu)
elementwise("gelu_tanh", "gelu: tanh", lambda x: F.gelu(x, approximate="tanh"))
elementwise("silu", "silu", F.silu)
elementwise("tanh", "tanh", torch.tanh)
elementwise("sigmoid", "sigmoid", torch.sigmoid)
elementwise("softplus", "softplus", lambda x: F.softplus(x, threshold=50))
elementwise("softmax", "softmax", lambda x: F.softmax(x, -1))
case("prelu_one", "prelu", lambda x, w, s: F.prelu(x[0], w["slope"]), [(3, 4)], {"slope": (1,)}, preset="torch")
case("prelu_channel", "prelu: channel", lambda x, w, s: F.prelu(x[0].movedim(-1, 1), w["slope"]).movedim(1, -1),
     [(2, 2, 3)], {"slope": (3,)})
case("prelu_element", "prelu", lambda x, w, s: torch.where(x[0] > 0, x[0], x[0] * w["slope"]), [(3, 2, 2)],
     {"slope": (2, 2)})

text = "[\n" + ",\n".join(json.dumps(entry, separators=(",", ":")) for entry in cases) + "\n]\n"
pathlib.Path(__file__).with_name("layers.json").write_text(text)
