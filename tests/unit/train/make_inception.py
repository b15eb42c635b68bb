#!/usr/bin/python3
"""make_inception.py FOLDER: torchvision's InceptionV3 with the changes of the Frechet Inception distance and random
weights. Writes FOLDER/inception.safetensors, its state dict, and FOLDER/expected.safetensors: images [n, 299, 299, 3] in
-1 ... 1, and what the network makes of them in inference mode (pool, logits).

The changes are those that Heusel et al. (2017) have by taking TensorFlow's network of 2015: average pools do not count
the padding, the pool of the last block is a maximum, there are 1,008 classes, and no auxiliary classifier.
Ends with code 77 where torch or torchvision is missing.
"""
import pathlib
import sys
import types

try:
    import torch
    import torch.nn.functional as F
    from torchvision.models import inception
except ImportError as missing:
    print(missing)
    sys.exit(77)

from safetensors_file import write_safetensors

IMAGES = 3
last_block = False  # whether Mixed_7c is computed


def pool(x, kernel_size, stride, padding):
    if last_block:
        return F.max_pool2d(x, kernel_size, stride, padding)
    return F.avg_pool2d(x, kernel_size, stride, padding, count_include_pad=False)


def enter(*_):
    global last_block
    last_block = True


def leave(*_):
    global last_block
    last_block = False


# The blocks take their functions from the module's F.
inception.F = types.SimpleNamespace(relu=F.relu, max_pool2d=F.max_pool2d, avg_pool2d=pool)

torch.manual_seed(299)
model = inception.inception_v3(weights=None, aux_logits=False, num_classes=1008, transform_input=False, init_weights=False)
model.Mixed_7c.register_forward_pre_hook(enter)
model.Mixed_7c.register_forward_hook(leave)
for module in model.modules():
    if isinstance(module, torch.nn.Conv2d):
        torch.nn.init.kaiming_normal_(module.weight)
    if isinstance(module, torch.nn.BatchNorm2d):
        torch.nn.init.uniform_(module.weight, 0.5, 1.5)
        torch.nn.init.normal_(module.bias, std=0.2)
        module.momentum = None  # running statistics become those of the batch below

images = torch.nn.functional.interpolate(torch.rand(IMAGES, 3, 40, 40), size=299, mode="bicubic").clamp(0, 1) * 2 - 1
with torch.no_grad():
    model.train()
    model(images)
    model.eval()
    features = {}
    model.avgpool.register_forward_hook(lambda module, given, output: features.update(pool=output.flatten(1)))
    logits = model(images)

folder = pathlib.Path(sys.argv[1])
state = model.state_dict()
state["AuxLogits.fc.bias"] = torch.zeros(1008)  # as published state dicts have it
write_safetensors(folder / "inception.safetensors", state)
write_safetensors(folder / "expected.safetensors",
                  {"images": images.permute(0, 2, 3, 1), "pool": features["pool"], "logits": logits})
