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


# Layer normalisation.
def layer_norm(epsilon, everything=False):
    return lambda x, w, s: F.layer_norm(x[0], x[0].shape[1:] if everything else x[0].shape[-1:], w.get("gamma"),
                                        w.get("beta"), epsilon)


case("layer_norm", "layer_norm", layer_norm(1e-3), [(3, 5)], {"gamma": (5,), "beta": (5,)})
case("layer_norm_torch", "layer_norm", layer_norm(1e-5), [(2, 3, 4)], {"gamma": (4,), "beta": (4,)}, preset="torch")
case("layer_norm_all", "layer_norm: all", layer_norm(1e-3, True), [(2, 2, 3)], {"gamma": (2, 3), "beta": (2, 3)})
case("layer_norm_plain", "layer_norm: {scale: false, center: false}", layer_norm(1e-3), [(3, 4)])

# Randomness rests in inference.
case("dropout_inference", "dropout: 0.4", lambda x, w, s: F.dropout(x[0], 0.4, training=False), [(3, 4)],
     mode="inference")
case("gaussian_noise_inference", "gaussian_noise: 0.3", lambda x, w, s: x[0] * 1, [(3, 4)], mode="inference")

# Shapes and joins.
case("reshape", "reshape: [3, 2]", lambda x, w, s: x[0].reshape(2, 3, 2), [(2, 6)])
case("reshape_open", "reshape: [-1, 4]", lambda x, w, s: x[0].reshape(2, -1, 4), [(2, 2, 6)])
case("flatten", "flatten", lambda x, w, s: x[0].flatten(1), [(2, 3, 2)])
case("concat", "concat", lambda x, w, s: torch.cat(x, -1), [(2, 3), (2, 1), (2, 2)])
case("concat_axis", "concat: 1", lambda x, w, s: torch.cat(x, 1), [(2, 3, 2), (2, 1, 2)])
case("add", "add", lambda x, w, s: x[0] + x[1] + x[2], [(2, 3), (2, 3), (2, 1)])
case("multiply", "multiply", lambda x, w, s: x[0] * x[1], [(2, 3, 2), (2, 1, 2)])
case("maxout", "maxout: 3", lambda x, w, s: x[0].unflatten(-1, (2, 3)).amax(-1), [(4, 6)])

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
