#!/usr/bin/python3
"""Times steps of an experiment in PyTorch and prints one JSON object. Debian's PyTorch: python3-torch.

usage: time_steps.py EXPERIMENT [--setting SETTING] [--steps N] [--data FOLDER]

EXPERIMENT is one of experiments.py. A setting is T,B,VARIANT: the threads of PyTorch (T) and of its BLAS (B), and a way
of writing the experiment, of those that experiments.py names. Without --setting, every setting is tried in a process of its own, with
fewer steps, and the fastest is then timed; `tried` holds them all. OPENBLAS_CORETYPE is removed from the environment.
"""
import argparse
import ctypes
import json
import os
import statistics
import subprocess
import sys
import time

BLAS_CORE = "OPENBLAS_CORETYPE"


def all_settings(name):
    from experiments import VARIANTS

    if name not in VARIANTS:
        raise SystemExit(f"no PyTorch version of '{name}'; there are: {', '.join(VARIANTS)}")
    cores = len(os.sched_getaffinity(0))
    threads = sorted({pair for n in range(1, cores + 1) for pair in ((n, n), (1, n), (n, 1))})
    return [f"{torch_threads},{blas},{variant}" for torch_threads, blas in threads for variant in VARIANTS[name]]


def environment(setting):
    torch_threads, blas_threads, _ = setting.split(",")
    clean = {name: value for name, value in os.environ.items() if name != BLAS_CORE}
    return {**clean, "OMP_NUM_THREADS": torch_threads, "OPENBLAS_NUM_THREADS": blas_threads}


def peak_resident_bytes():
    with open("/proc/self/status") as status:
        for line in status:
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    raise SystemExit("/proc/self/status has no VmHWM")


def blas_core():
    """The kernels that OpenBLAS chose in this process; None if PyTorch uses another BLAS."""
    with open("/proc/self/maps") as maps:
        paths = {line.split()[-1] for line in maps if "openblas" in line or "libblas" in line}
    for path in sorted(paths):
        try:
            name = ctypes.CDLL(path).openblas_get_corename
        except (OSError, AttributeError):
            continue
        name.restype = ctypes.c_char_p
        return name().decode()
    return None


def time_here(name, setting, steps, data):
    """Times steps in this process, whose environment() must be the setting's."""
    import torch

    import experiments

    torch_threads, _, variant = setting.split(",")
    torch.set_num_threads(int(torch_threads))
    torch.manual_seed(42)
    experiment = experiments.make(name, variant, data)
    for _ in range(min(20, steps)):
        losses = experiment.step()
    seconds = []
    for _ in range(steps):
        begin = time.perf_counter()
        losses = experiment.step()
        seconds.append(time.perf_counter() - begin)
    if not all(abs(loss) < float("inf") for loss in losses):
        raise SystemExit(f"the losses are {losses}: this is no training")
    low, median, high = (1000 * value for value in statistics.quantiles(seconds, n=4))
    return {
        "experiment": name,
        "setting": setting,
        "steps": steps,
        "ms_per_step": median,
        "quartiles_ms": [low, median, high],
        "images_per_s": 1000 * experiment.images_per_step / median,
        "rss_bytes": peak_resident_bytes(),
        "torch": torch.__version__,
        "blas_core": blas_core(),
    }


def time_apart(name, setting, steps, data):
    command = [sys.executable, os.path.abspath(__file__), name, "--setting", setting, "--steps", str(steps)]
    done = subprocess.run(command + ["--data", data], env=environment(setting), stdout=subprocess.PIPE, check=True)
    return json.loads(done.stdout)


def main():
    parser = argparse.ArgumentParser(usage=__doc__.split("\n\n")[1])
    parser.add_argument("experiment")
    parser.add_argument("--setting")
    parser.add_argument("--steps", type=int, default=200)
    parser.add_argument("--data", default=os.environ.get("DUEL_DATA", "../data"))
    options = parser.parse_args()
    if options.setting is None:
        trial_steps = max(10, options.steps // 4)
        tried = {one: time_apart(options.experiment, one, trial_steps, options.data) for one in all_settings(options.experiment)}
        best = min(tried, key=lambda one: tried[one]["ms_per_step"])
        result = time_apart(options.experiment, best, options.steps, options.data)
        result["tried"] = {one: result["ms_per_step"] for one, result in tried.items()}
    elif environment(options.setting) != dict(os.environ):  # libraries read it when they are loaded
        os.execve(sys.executable, [sys.executable] + sys.argv, environment(options.setting))
    else:
        result = time_here(options.experiment, options.setting, options.steps, options.data)
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
