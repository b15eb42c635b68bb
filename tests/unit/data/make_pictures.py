#!/usr/bin/python3
"""Writes pictures.json: small pictures as Pillow writes them, and what Pillow reads from them; and resample.json:
pictures that Pillow resized, in floating point and in bytes.

Run it in this folder with Debian's python3-pil; the files are kept beside, so that the tests need neither."""
import io
import json
import random

from PIL import Image

random.seed(5)
SIZE = (7, 5)  # width, height


def noise(mode, size=SIZE):
    bands = len(Image.new(mode, (1, 1)).getbands())
    return Image.frombytes(mode, size, bytes(random.randrange(256) for _ in range(size[0] * size[1] * bands)))


def smooth(mode, size=(24, 16)):
    """JPEG keeps slopes better than noise."""
    bands = len(Image.new(mode, (1, 1)).getbands())
    values = [(x * (7 + 2 * b) + y * (9 - b) + 13 * b) % 256 for y in range(size[1]) for x in range(size[0])
              for b in range(bands)]
    return Image.frombytes(mode, size, bytes(values))


def saved(image, kind, **options):
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def flat(image):
    return list(image.tobytes())


def entry(content):
    image = Image.open(io.BytesIO(content))
    image.load()
    return {"file": content.hex(), "width": image.width, "height": image.height, "mode": image.mode,
            "grey": flat(image.convert("RGB").convert("L")), "colour": flat(image.convert("RGB")),
            "alpha": flat(image.convert("RGBA"))}


def pictures():
    palette = noise("P")
    palette.putpalette([random.randrange(256) for _ in range(3 * 256)])
    few = Image.frombytes("P", SIZE, bytes(random.randrange(3) for _ in range(SIZE[0] * SIZE[1])))
    few.putpalette([10, 20, 30, 200, 100, 50, 7, 255, 128])
    files = {
        "grey": saved(noise("L"), "PNG"),
        "bits": saved(noise("L").point(lambda v: 255 * (v > 127), "1"), "PNG"),
        "grey_alpha": saved(noise("LA"), "PNG"),
        "colour": saved(noise("RGB"), "PNG"),
        "colour_alpha": saved(noise("RGBA"), "PNG"),
        "palette": saved(palette, "PNG"),
        "palette_of_three_with_alpha": saved(few, "PNG", bits=2, transparency=bytes([255, 0, 90])),
        "jpeg_grey": saved(smooth("L"), "JPEG", quality=90),
        "jpeg_colour": saved(smooth("RGB"), "JPEG", quality=85),
        "jpeg_colour_progressive": saved(smooth("RGB"), "JPEG", quality=85, progressive=True, subsampling=0),
        "jpeg_cmyk": saved(smooth("CMYK"), "JPEG", quality=95),
    }
    return {name: entry(content) for name, content in files.items()}


FILTERS = {"area": Image.BOX, "bilinear": Image.BILINEAR, "bicubic": Image.BICUBIC}


def resampled():
    cases = []
    geometries = [((12, 9), (5, 4), None), ((5, 4), (11, 13), None), ((7, 7), (7, 3), None), ((16, 3), (1, 1), None),
                  ((10, 8), (4, 4), (1.25, 0.5, 9.25, 7.75))]
    for name, kind in FILTERS.items():
        for size, to, box in geometries:
            image = Image.new("F", size)
            image.putdata([random.uniform(0, 255) for _ in range(size[0] * size[1])])
            out = image.resize(to, kind, box=box)
            cases.append({"filter": name, "width": size[0], "height": size[1], "new_width": to[0], "new_height": to[1],
                          "box": box or [0, 0, size[0], size[1]], "in": list(image.getdata()),
                          "out": list(out.getdata())})
    return cases


def fitted():
    """What a data set of pictures makes of another size: the middle cut out, or all of it, in bytes."""
    image = noise("RGB", (40, 30))
    width, height = 8, 12
    kept = 30 * width / height
    box = ((40 - kept) / 2, 0, (40 + kept) / 2, 30)
    return {"file": saved(image, "PNG").hex(), "width": width, "height": height,
            "crop": flat(image.resize((width, height), Image.BICUBIC, box=box)),
            "stretch": flat(image.resize((width, height), Image.BICUBIC))}


if __name__ == "__main__":
    with open("pictures.json", "w") as out:
        json.dump(pictures(), out, separators=(",", ":"))
        out.write("\n")
    with open("resample.json", "w") as out:
        json.dump({"floats": resampled(), "bytes": fitted()}, out, separators=(",", ":"))
        out.write("\n")
