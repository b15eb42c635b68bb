#!/usr/bin/python3
"""Writes losses.json: losses and their gradients as PyTorch computes them in double precision.

Run with Debian's python3-torch: /usr/bin/python3 make_losses.py
"""
import json
import pathlib

import torch
import torch.nn.functional as F

torch.manual_seed(20)
torch.set_default_dtype(torch.float64)
cases = []


def case(name, loss, inputs, formula, weights=None):
    """`loss` as YAML on the names in `inputs`; labels (whole numbers) get no gradient. `weights`: which inputs are weights
    of which network, with the axis of their outputs."""
    leaves = {k: v.clone().requires_grad_(v.is_floating_point()) for k, v in inputs.items()}
    value = formula(**leaves)
    value.backward()
    cases.append({
        "name": name,
        "loss": loss,
        "inputs": {k: tensor(v) for k, v in inputs.items()},
        "value": value.item(),
        "gradients": {k: tensor(v.grad) for k, v in leaves.items() if v.grad is not None},
        **({"weights": weights} if weights else {}),
    })


def tensor(t):
    return {"shape": list(t.shape), "values": t.flatten().tolist()}


logits = 4 * torch.randn(6, 1)
targets = torch.rand(6, 1)
probabilities = torch.rand(6, 1) * 0.98 + 0.01
d_real, d_fake = 3 * torch.randn(5, 1), 3 * torch.randn(7, 1)
image, other = torch.randn(2, 3, 3, 2), 2 * torch.randn(2, 3, 3, 2)
scores, classes = 3 * torch.randn(4, 5), torch.tensor([0, 4, 2, 2])
distribution = torch.softmax(torch.randn(4, 5), dim=1)
ones, zeros = torch.ones_like, torch.zeros_like
bce, bce_logits = F.binary_cross_entropy, F.binary_cross_entropy_with_logits

case("bce of logits, real", "bce: {logits: x, target: 1}", {"x": logits}, lambda x: bce_logits(x, ones(x)))
case("bce of logits, fake", "bce: {logits: x, target: 0}", {"x": logits}, lambda x: bce_logits(x, zeros(x)))
case("bce of large logits", "bce: {logits: x, target: t}",
     {"x": torch.tensor([[-300.0], [-40.0], [40.0], [300.0]]), "t": torch.tensor([[0.25], [1.0], [0.0], [1.0]])},
     lambda x, t: bce_logits(x, t))
case("bce of logits and targets", "bce: {logits: x, target: t}", {"x": logits, "t": targets},
     lambda x, t: bce_logits(x, t))
case("bce with smoothing", "bce: {logits: x, target: 1, smoothing: 0.2}", {"x": logits},
     lambda x: bce_logits(x, ones(x) * 0.9))
case("bce of probabilities", "bce: {probabilities: p, target: t}", {"p": probabilities, "t": targets},
     lambda p, t: bce(p, t.detach()))
case("bce of probabilities, fake", "bce: {probabilities: p, target: 0}", {"p": probabilities},
     lambda p: bce(p, zeros(p)))

both = {"real": d_real, "fake": d_fake}
game = "{real: real, fake: fake, side: discriminator}"
alone = "{fake: fake, side: generator}"
for kind in ("minimax", "non_saturating"):
    case(f"{kind}, discriminator", f"{kind}: {game}", both,
         lambda real, fake: bce_logits(real, ones(real)) + bce_logits(fake, zeros(fake)))
case("minimax, generator", f"minimax: {alone}", {"fake": d_fake}, lambda fake: -bce_logits(fake, zeros(fake)))
case("non_saturating, generator", f"non_saturating: {alone}", {"fake": d_fake},
     lambda fake: bce_logits(fake, ones(fake)))
case("hinge, discriminator", f"hinge: {game}", both,
     lambda real, fake: F.relu(1 - real).mean() + F.relu(1 + fake).mean())
case("hinge, generator", f"hinge: {alone}", {"fake": d_fake}, lambda fake: -fake.mean())
case("wasserstein, discriminator", f"wasserstein: {game}", both, lambda real, fake: fake.mean() - real.mean())
case("wasserstein, generator", f"wasserstein: {alone}", {"fake": d_fake}, lambda fake: -fake.mean())
case("least_squares, discriminator", f"least_squares: {game}", both,
     lambda real, fake: 0.5 * F.mse_loss(real, ones(real)) + 0.5 * F.mse_loss(fake, zeros(fake)))
case("least_squares, generator", f"least_squares: {alone}", {"fake": d_fake},
     lambda fake: 0.5 * F.mse_loss(fake, ones(fake)))
case("least_squares, labels -1 1 0 and factor 1",
     "least_squares: {real: real, fake: fake, side: discriminator, factor: 1, fake_target: -1}", both,
     lambda real, fake: F.mse_loss(real, ones(real)) + F.mse_loss(fake, -ones(fake)))
case("least_squares, generator's own label", "least_squares: {fake: fake, side: generator, generator_target: 0}",
     {"fake": d_fake}, lambda fake: 0.5 * F.mse_loss(fake, zeros(fake)))
case("least_squares of two values", "least_squares: {prediction: a, target: b}", {"a": image, "b": other},
     lambda a, b: 0.5 * F.mse_loss(a, b))

case("l1", "l1: {value: a, target: b}", {"a": image, "b": other}, lambda a, b: F.l1_loss(a, b))
case("l2", "l2: {value: a, target: b}", {"a": image, "b": other}, lambda a, b: F.mse_loss(a, b))
case("huber", "huber: {value: a, target: b}", {"a": image, "b": other}, lambda a, b: F.huber_loss(a, b))
case("huber, delta 0.3", "huber: {value: a, target: b, delta: 0.3}", {"a": image, "b": other},
     lambda a, b: F.huber_loss(a, b, delta=0.3))
case("cross_entropy of labels", "cross_entropy: {logits: x, labels: k}", {"x": scores, "k": classes},
     lambda x, k: F.cross_entropy(x, k))
case("cross_entropy of large logits", "cross_entropy: {logits: x, labels: k}", {"x": 300 * scores, "k": classes},
     lambda x, k: F.cross_entropy(x, k))
case("cross_entropy of distributions", "cross_entropy: {logits: x, target: t}", {"x": scores, "t": distribution},
     lambda x, t: F.cross_entropy(x, t))
case("cross_entropy with smoothing", "cross_entropy: {logits: x, labels: k, smoothing: 0.1}",
     {"x": scores, "k": classes}, lambda x, k: F.cross_entropy(x, k, label_smoothing=0.1))
case("expression", 'expression: "square(real - 1) + abs(real)"', {"real": d_real},
     lambda real: (torch.square(real - 1) + real.abs()).mean())



def slope(critic, x, w):
    """The gradient by x that penalties are made of, one row a row."""
    return torch.autograd.grad(critic(x, w).sum(), x, create_graph=True)[0].flatten(1)


def length(rows):
    """With what duel adds under the root."""
    return torch.sqrt(rows.square().sum(dim=1) + 1e-12)


def critic(x, w):
    return torch.sum(torch.tanh(x * w) * w, dim=1)


points, factors = torch.randn(5, 4), torch.randn(4)
written = "sum(tanh(x * w) * w, axes=[1])"
at = {"x": points, "w": factors}
case("gradient_penalty", f'gradient_penalty: {{of: "{written}", wrt: x}}', at,
     lambda x, w: ((length(slope(critic, x, w)) - 1) ** 2).mean())
case("gradient_penalty, one-sided", f'gradient_penalty: {{of: "{written}", wrt: x, target: 1.5, sides: one}}', at,
     lambda x, w: (F.relu(length(slope(critic, x, w)) - 1.5) ** 2).mean())
case("gradient_penalty, zero-centred", f'gradient_penalty: {{of: "{written}", wrt: x, target: 0}}', at,
     lambda x, w: slope(critic, x, w).square().sum(dim=1).mean())
for kind in ("r1", "r2"):
    case(kind, f'{kind}: {{of: "{written}", wrt: x}}', at,
         lambda x, w: 0.5 * slope(critic, x, w).square().sum(dim=1).mean())

forms = {
    "bce": (lambda x: bce_logits(x, ones(x)), lambda x: bce_logits(x, zeros(x))),
    "least_squares": (lambda x: F.mse_loss(x, ones(x)), lambda x: F.mse_loss(x, -ones(x))),
    "hinge": (lambda x: F.relu(1 - x).mean(), lambda x: F.relu(1 + x).mean()),
}
pairs = {"real": 3 * torch.randn(6, 1), "fake": 3 * torch.randn(6, 1)}
for form, (as_real, as_fake) in forms.items():
    case(f"relativistic, average, {form}, discriminator",
         f"relativistic: {{real: real, fake: fake, side: discriminator, form: {form}}}", both,
         lambda real, fake: as_real(real - fake.mean()) + as_fake(fake - real.mean()))
    case(f"relativistic, average, {form}, generator",
         f"relativistic: {{real: real, fake: fake, side: generator, form: {form}}}", both,
         lambda real, fake: as_real(fake - real.mean()) + as_fake(real - fake.mean()))
    case(f"relativistic, pairs, {form}, discriminator",
         f"relativistic: {{real: real, fake: fake, side: discriminator, average: false, form: {form}}}", pairs,
         lambda real, fake: as_real(real - fake))
    case(f"relativistic, pairs, {form}, generator",
         f"relativistic: {{real: real, fake: fake, side: generator, average: false, form: {form}}}", pairs,
         lambda real, fake: as_real(fake - real))

maps, more_maps = torch.randn(3, 2, 2, 4), torch.randn(5, 2, 2, 4) + 0.5
case("feature_matching", "feature_matching: {real: a, fake: b}", {"a": maps, "b": more_maps},
     lambda a, b: (a.mean(dim=0) - b.mean(dim=0)).square().sum())
case("feature_matching of order 1", "feature_matching: {real: a, fake: b, order: 1}", {"a": maps, "b": more_maps},
     lambda a, b: (a.mean(dim=0) - b.mean(dim=0)).abs().sum())

case("info, categorical", "info: {prediction: x, code: k}", {"x": scores, "k": classes},
     lambda x, k: F.cross_entropy(x, k))
case("info, one-hot", "info: {prediction: x, code: t}", {"x": scores, "t": F.one_hot(classes, 5).double()},
     lambda x, t: F.cross_entropy(x, t))
codes, centers, spreads = torch.rand(4, 3) * 2 - 1, torch.randn(4, 3), 0.5 * torch.randn(4, 3)


def surprise(center, code, deviation):
    return -torch.distributions.Normal(center, deviation).log_prob(code).sum(dim=1).mean()


case("info, normal", "info: {prediction: m, code: c, distribution: normal}", {"m": centers, "c": codes},
     lambda m, c: surprise(m, c, 1.0))
case("info, normal with a deviation", "info: {prediction: m, code: c, distribution: normal, log_deviation: s}",
     {"m": centers, "c": codes, "s": spreads}, lambda m, c, s: surprise(m, c, s.exp()))
case("consistency", "consistency: {of: a, augmented: b}", {"a": image, "b": other},
     lambda a, b: (a - b).square().sum(dim=(1, 2, 3)).mean())


def off_diagonal(w):
    products = w.T @ w
    return (products * (1 - torch.eye(len(products)))).square().sum()


def full(w):
    products = w.T @ w
    return (products - torch.eye(len(products))).square().sum()


# A dense layer's, a convolution's, and that of a transposed convolution, whose outputs come before its inputs.
filters = {"u": torch.randn(4, 3), "v": torch.randn(2, 2, 3, 2), "w": torch.randn(2, 1, 3, 2)}
for form, penalty in (("off_diagonal", off_diagonal), ("full", full)):
    case(f"orthogonal, {form}", f"orthogonal: {{networks: net, form: {form}}}", filters,
         lambda u, v, w: penalty(u) + penalty(v.reshape(12, 2)) + penalty(w.permute(0, 1, 3, 2).reshape(4, 3)),
         weights={"net": {"u": -1, "v": -1, "w": 2}})

many = 2 * torch.randn(10, 1)


def greatest(terms, by, k):
    return terms[torch.topk(by.flatten(), k).indices].mean()


case("non_saturating, top", "non_saturating: {fake: x, side: generator, top: 0.35}", {"x": many},
     lambda x: greatest(F.softplus(-x), x, 4))
case("minimax, top", "minimax: {fake: x, side: generator, top: 0.3}", {"x": many},
     lambda x: greatest(-F.softplus(x), x, 3))
case("hinge, top", "hinge: {fake: x, side: generator, top: 0.5}", {"x": many}, lambda x: greatest(-x, x, 5))
case("least_squares, top", "least_squares: {fake: x, side: generator, top: 0.01}", {"x": many},
     lambda x: greatest(0.5 * (x - 1) ** 2, x, 1))
case("bce, top", "bce: {logits: x, target: 1, top: 0.7}", {"x": many}, lambda x: greatest(F.softplus(-x), x, 7))
patches = torch.randn(6, 2, 2, 1)
case("hinge of patches, top", "hinge: {fake: x, side: generator, top: 0.5}", {"x": patches},
     lambda x: greatest(-x.mean(dim=(1, 2, 3)), x.mean(dim=(1, 2, 3)), 3))
case("lecam at its start", "lecam: {real: real, fake: fake}", both,
     lambda real, fake: real.square().mean() + fake.square().mean())

lines = ",\n".join(json.dumps(c, separators=(",", ":")) for c in cases)
pathlib.Path(__file__).with_name("losses.json").write_text(f"[\n{lines}\n]\n")
