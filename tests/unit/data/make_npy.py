#!/usr/bin/python3
"""Writes npy.json: arrays as numpy.save writes them, in all orders of axes and bytes, and what numpy reads from them.

Run it in this folder with Debian's python3-numpy; the file is kept beside, so that the tests need neither."""
import io
import json

import numpy


def case(array):
    out = io.BytesIO()
    numpy.save(out, array)
    values = numpy.load(io.BytesIO(out.getvalue()))
    return {"file": out.getvalue().hex(), "shape": list(values.shape),
            "values": [float(value) for value in values.astype("f8").ravel()]}


random = numpy.random.default_rng(3)
whole = random.integers(1, 100, (3, 4, 2))
halves = [0, -0.0, 1, -2.5, 65504, 2.0**-24, -(2.0**-14), 2.0**-14 - 2.0**-24, 1 / 3]
cases = {
    "float32": case(whole.astype("<f4")),
    "big_endian_float32": case((whole / 7).astype(">f4")),
    "big_endian_float64": case((whole / 7).astype(">f8")),
    "big_endian_int16": case((whole * -300).astype(">i2")),
    "big_endian_uint64": case((whole * 2**40).astype(">u8")),
    "float16": case(numpy.array(halves, "<f2")),
    "big_endian_float16": case(numpy.array(halves, ">f2")),
    "fortran_matrix": case(numpy.asfortranarray(whole[:, :, 0].astype("<f4"))),
    "fortran_bytes": case(numpy.asfortranarray(whole.astype("u1"))),
    "fortran_big_endian_float16": case(numpy.asfortranarray(whole.astype(">f2"))),
    "fortran_of_five_axes": case(numpy.asfortranarray(whole.reshape(3, 1, 2, 2, 2).astype("<i8"))),
    "fortran_of_nothing": case(numpy.empty((0, 3, 2), "<f4", order="F")),
}
with open("npy.json", "w", encoding="ascii") as file:
    json.dump(cases, file, separators=(",", ":"))
    file.write("\n")
