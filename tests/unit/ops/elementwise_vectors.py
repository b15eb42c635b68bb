#!/usr/bin/python3
"""Writes elementwise_vectors.inc: what PyTorch computes in double precision for each elementwise op.

Run in this folder: /usr/bin/python3 elementwise_vectors.py > elementwise_vectors.inc
"""
import torch

any_sign = [-30.0, -2.5, -1.0, -1e-3, 0.0, 0.25, 1.0, 3.75, 40.0]
positive = [1e-6, 0.3, 1.0, 2.5, 700.0]
left = [-2.0, -1.0, 0.0, 0.5, 3.0, 3.0]
right = [1.5, -1.0, 2.0, -0.25, 3.0, -7.0]

unary = {
    "negate": (torch.neg, any_sign), "square": (torch.square, any_sign), "sqrt": (torch.sqrt, positive),
    "rsqrt": (torch.rsqrt, positive), "reciprocal": (torch.reciprocal, positive), "exp": (torch.exp, any_sign),
    "log": (torch.log, positive), "log1p": (torch.log1p, positive), "tanh": (torch.tanh, any_sign),
    "sigmoid": (torch.sigmoid, any_sign), "softplus": (lambda x: -torch.nn.functional.logsigmoid(-x), any_sign),
    "erf": (torch.erf, any_sign), "sin": (torch.sin, any_sign), "cos": (torch.cos, any_sign),
    "abs": (torch.abs, any_sign), "sign": (torch.sign, any_sign), "floor": (torch.floor, any_sign),
}
binary = {
    "add": torch.add, "subtract": torch.sub, "multiply": torch.mul, "divide": torch.div, "maximum": torch.maximum,
    "minimum": torch.minimum, "greater": torch.gt, "greater_equal": torch.ge, "less": torch.lt,
    "less_equal": torch.le, "equal": torch.eq, "not_equal": torch.ne,
}


def row(name, inputs, output):
    braces = lambda values: "{" + ", ".join(repr(float(v)) for v in values) + "}"
    print(f'{{"{name}", {{{", ".join(braces(i) for i in inputs)}}}, {braces(output.double())}}},')


print("// Written by elementwise_vectors.py.")
print("// clang-format off")
for name, (function, values) in unary.items():
    row(name, [values], function(torch.tensor(values, dtype=torch.float64)))
a, b = (torch.tensor(v, dtype=torch.float64) for v in (left, right))
for name, function in binary.items():
    row(name, [left, right], function(a, b))
base, exponent = [0.5, 2.0, 9.0, -3.0, 0.0], [3.0, -1.5, 0.5, 3.0, 2.0]
row("power", [base, exponent], torch.pow(*(torch.tensor(v, dtype=torch.float64) for v in (base, exponent))))
condition = [1.0, 0.0, -2.0, 0.0, 0.5, 0.0]
row("select", [condition, left, right], torch.where(torch.tensor(condition) != 0, a, b))
