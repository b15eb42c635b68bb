#!/usr/bin/python3
"""Writes weights.safetensors and weights.json: PyTorch's weights of a small network with layers of many kinds, and what
the network makes of a few inputs, in double precision.

The network is that of torch_weights_test.cpp. The file has weights of all types of floats; what is expected is computed
from the weights as the file holds them.
"""
import json
import pathlib

import torch
from torch import nn

from safetensors_file import write_safetensors

torch.set_default_dtype(torch.float64)
torch.manual_seed(2026)


class Branch(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 4, (3, 2), stride=(1, 2), padding=(1, 0))
        self.bn = nn.BatchNorm2d(4)

    def forward(self, x):
        return torch.relu(self.bn(self.conv(x)))


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = Branch()
        self.up = nn.ConvTranspose2d(4, 6, 3, stride=2, padding=1, output_padding=1, groups=2)
        self.slopes = nn.PReLU(6)
        self.depthwise = nn.Conv2d(6, 12, 3, groups=6, bias=False)
        self.norm = nn.LayerNorm([12, 8, 4])
        self.sequence = nn.Conv1d(2, 5, 3)
        self.labels = nn.Embedding(4, 5)
        self.fc = nn.Linear(5, 6)
        self.old = nn.utils.spectral_norm(nn.Linear(6, 6))
        self.new = nn.utils.parametrizations.spectral_norm(nn.Linear(6, 3))

    def forward(self, x, label):
        x = self.slopes(self.up(self.stem(x)))
        x = self.norm(self.depthwise(x)).mean((2, 3))
        x = self.sequence(x.reshape(-1, 6, 2).transpose(1, 2)).mean(2) + self.labels(label)
        return self.new(self.old(self.fc(x)))


net = Net()
for parameter in net.parameters():
    nn.init.normal_(parameter, std=0.5)
nn.init.uniform_(net.stem.bn.running_var, 0.5, 2)
nn.init.normal_(net.stem.bn.running_mean)

# The weights as the file holds them.
types = {"stem.conv.weight": torch.float32, "up.weight": torch.float16, "fc.weight": torch.bfloat16}
for name, parameter in net.named_parameters():
    if name in types:
        parameter.data = parameter.data.to(types[name]).double()

# The estimates of the largest singular values, which duel computes from one of PyTorch's two vectors, at their limit.
for _ in range(500):
    net(torch.randn(1, 3, 5, 6), torch.tensor([0]))
nn.init.uniform_(net.stem.bn.running_var, 0.5, 2)
nn.init.normal_(net.stem.bn.running_mean)
net.eval()

state = {f"tiny.{name}": tensor.to(types.get(name, tensor.dtype)) for name, tensor in net.state_dict().items()}
state["other.weight"] = torch.zeros(2)
here = pathlib.Path(__file__).parent
write_safetensors(here / "weights.safetensors", state)

images, labels = torch.randn(3, 3, 5, 6), torch.tensor([2, 0, 3])
output = net(images, labels)


def pack(tensor):
    return {"shape": list(tensor.shape), "values": tensor.detach().reshape(-1).tolist()}


(here / "weights.json").write_text(json.dumps({"image": pack(images.permute(0, 2, 3, 1)), "label": pack(labels.double()),
                                               "output": pack(output)}) + "\n")
