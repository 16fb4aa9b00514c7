"""What people hand over as pictures: good ones with the size they arrive in, bad ones."""

import base64
import io
import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
from PIL import Image, ImageCms, PngImagePlugin

Size = tuple[int, int]
RNG = np.random.default_rng(7)


def noise(size: Size, mode: str = "RGB") -> Image.Image:
    """A picture without two equal neighbours, as a sensor sees the world."""
    return Image.fromarray(RNG.integers(0, 256, (size[1], size[0], 3), np.uint8)).convert(mode)


def drawing(size: Size = (300, 200), mode: str = "RGB") -> Image.Image:
    """Large even areas."""
    image = Image.new("RGB", size, "white")
    image.paste("navy", (0, 0, size[0] // 2, size[1] // 3))
    return image.convert(mode)


def saved(image: Image.Image, kind: str, **how: Any) -> bytes:
    target = io.BytesIO()
    image.save(target, kind, **how)
    return target.getvalue()


def deep(mode: str) -> Image.Image:
    values = np.linspace(0, 60_000, 300 * 200).reshape(200, 300)
    kinds = {"I;16": np.uint16, "I": np.int32, "F": np.float32}
    return Image.fromarray(values.astype(kinds[mode]))


def turned(way: int = 6) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = way
    return saved(drawing((300, 200)), "JPEG", exif=exif)


def animated(kind: str) -> bytes:
    frames = [Image.new("RGB", (64, 48), colour) for colour in ("red", "green", "blue")]
    return saved(frames[0], kind, save_all=True, append_images=frames[1:], duration=100)


def tinted() -> bytes:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("XYZ"))
    return saved(drawing(), "PNG", icc_profile=profile.tobytes())


def with_exif(exif: bytes) -> bytes:
    """A JPEG whose EXIF is these bytes."""
    whole, told = saved(noise((60, 40)), "JPEG"), b"Exif\0\0" + exif
    return whole[:2] + b"\xff\xe1" + struct.pack(">H", len(told) + 2) + told + whole[2:]


def in_srgb() -> bytes:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
    return saved(drawing(), "PNG", icc_profile=profile.tobytes())


def profile_of(*primaries: tuple[float, float, float]) -> bytes:
    """A colour profile (ICC, version 2) with these red, green and blue, as XYZ under D50."""

    def numbers(*values: float) -> bytes:
        return b"".join(struct.pack(">i", round(value * 65_536)) for value in values)

    white = (0.9642, 1.0, 0.8249)
    curve = b"curv\0\0\0\0" + struct.pack(">IH", 1, round(2.2 * 256)) + b"\0\0"
    name = b"desc\0\0\0\0" + struct.pack(">I", 5) + b"Test\0" + bytes(78)
    tags = {
        b"desc": name,
        b"cprt": b"text\0\0\0\0-\0\0\0",
        b"wtpt": b"XYZ \0\0\0\0" + numbers(*white),
    }
    for letter, primary in zip("rgb", primaries, strict=True):
        tags[f"{letter}XYZ".encode()] = b"XYZ \0\0\0\0" + numbers(*primary)
        tags[f"{letter}TRC".encode()] = curve
    table, data, start = struct.pack(">I", len(tags)), b"", 132 + 12 * len(tags)
    for tag, value in tags.items():
        padded = value + bytes(-len(value) % 4)
        table += tag + struct.pack(">II", start + len(data), len(padded))
        data += padded
    kinds = (b"none", 0x02400000, b"mntr", b"RGB ", b"XYZ ")
    head = struct.pack(">I4sI4s4s4s", start + len(data), *kinds) + struct.pack(
        ">6H", 2020, *[1] * 5
    )
    return head + b"acsp" + bytes(28) + numbers(*white) + bytes(48) + table + data


def damaged_profile() -> bytes:
    return saved(drawing(), "PNG", icc_profile=b"no profile at all")


def commented() -> bytes:
    note = PngImagePlugin.PngInfo()
    note.add_text("Comment", "x" * 100_000)
    return saved(drawing(), "PNG", pnginfo=note)


class Shows:
    """Shows a picture of itself, as notebooks know it."""

    def __init__(self, **reprs: Any) -> None:
        self.reprs = reprs

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> Any:
        return self.reprs.get("bundle")

    def _repr_png_(self) -> Any:
        return self.reprs.get("png")

    def _repr_jpeg_(self) -> Any:
        return self.reprs.get("jpeg")

    def _repr_svg_(self) -> Any:
        return self.reprs.get("svg")


class Fails:
    def _repr_png_(self) -> bytes:
        raise RuntimeError("the pen broke")


SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="120" height="80">'
    '<rect width="60" height="80" fill="red"/></svg>'
)


def coded(data: bytes) -> str:
    return base64.b64encode(data).decode()


def chunk(kind: bytes, data: bytes) -> bytes:
    whole = kind + data
    return struct.pack(">I", len(data)) + whole + struct.pack(">I", zlib.crc32(whole))


def png_of(size: Size, packed: bytes = b"") -> bytes:
    """A PNG that says it has that size, whatever is in it."""
    head = struct.pack(">IIBBBBB", *size, 8, 2, 0, 0, 0)
    parts = {b"IHDR": head, b"IDAT": zlib.compress(packed), b"IEND": b""}
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*part) for part in parts.items())


def gif_of(size: Size) -> bytes:
    told = struct.pack("<HH", *size)
    return b"GIF89a" + told + b"\0\0\0,\0\0\0\0" + told + b"\0\x02\x02L\x01\0;"


class Tensor:
    """What torch's tensors have, as far as a picture is made of them."""

    __module__ = "torch"

    def __init__(self, array: Any) -> None:
        self.array = array
        self.shape = array.shape
        self.dtype = SimpleNamespace(is_floating_point=array.dtype.kind == "f")

    def detach(self) -> "Tensor":
        return self

    cpu = detach

    def float(self) -> "Tensor":
        return Tensor(self.array.astype(np.float32))

    def numpy(self) -> Any:
        return self.array


def itself() -> list[Any]:
    held: list[Any] = []
    held.append(held)
    return held


def closed(file: Any) -> Any:
    file.close()
    return file


def svg(inner: str, size: str = 'width="100" height="50"', before: str = "") -> str:
    space = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
    return f"{before}<svg {space} {size}>{inner}</svg>"


PNG = saved(drawing(), "PNG")
ENTITY = '<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/hostname">]>'
BOUNDLESS = (
    '<pattern id="p" width="1e8" height="1e8" patternUnits="userSpaceOnUse"><rect width="1"/>'
    '<circle r="9"/></pattern><rect width="10" height="10" fill="url(#p)"/>'
)
ENDLESS = (
    '<filter id="f" x="-1000%" y="-1000%" width="90000%" height="90000%">'
    '<feGaussianBlur stdDeviation="999999"/></filter>'
    '<rect width="100" height="100" filter="url(#f)"/>'
)
SVGS: dict[str, tuple[str, Size]] = {
    "script": (svg("<script>alert(1)</script><rect width='50' height='9'/>"), (100, 50)),
    "address": (svg('<image xlink:href="http://127.0.0.1:1/a.png" width="9"/>'), (100, 50)),
    "file": (svg('<image href="/etc/hostname" width="9" height="9"/>'), (100, 50)),
    "printer's points": (svg("", 'width="96pt" height="48pt"'), (128, 64)),
    "view box": (svg("<rect width='5' height='5'/>", 'viewBox="0 0 20 10"'), (20, 10)),
    "huge": (svg("<rect width='9' height='9'/>", 'width="1e5" height="100000"'), (1092, 1092)),
    "high": (svg("<rect width='9' height='9'/>", 'viewBox="0 0 1 1000000"'), (1, 1568)),
    "declared": (svg("", before='<?xml version="1.0"?><!-- made -->'), (100, 50)),
}
MODES = ("1", "L", "LA", "P", "PA", "RGB", "RGBA", "RGBX", "CMYK", "YCbCr", "HSV", "LAB")

# A value, and the size in pixels that it arrives in.
GOOD: dict[str, tuple[Callable[[], object], Size]] = {
    **{f"PIL {mode}": ((lambda mode=mode: drawing(mode=mode)), (300, 200)) for mode in MODES[:-1]},
    **{
        f"PIL deep {mode}": ((lambda mode=mode: deep(mode)), (300, 200))
        for mode in ("I;16", "I", "F")
    },
    "PIL deep I;16B": (lambda: Image.new("I;16B", (30, 20), 60_000), (30, 20)),
    "PIL deep below 0": (
        lambda: Image.fromarray(np.arange(-300, 300, dtype=np.int32).reshape(20, 30)),
        (30, 20),
    ),
    "PIL not a number": (lambda: Image.new("F", (30, 20), float("nan")), (30, 20)),
    "PIL La": (lambda: Image.new("La", (30, 20)), (30, 20)),
    "PIL RGBa": (lambda: Image.new("RGBa", (30, 20)), (30, 20)),
    "PIL LAB": (lambda: Image.new("LAB", (30, 20)), (30, 20)),
    "a flat line": (lambda: drawing((20_000, 10)), (1568, 1)),
    "one pixel": (lambda: drawing((1, 1)), (1, 1)),
    "a thin line": (lambda: drawing((9000, 1)), (1568, 1)),
    "a tall line": (lambda: drawing((2, 20_000)), (1, 1568)),
    "beyond 8000 pixels": (lambda: drawing((8100, 5400)), (1344, 896)),
    "photograph": (lambda: noise((4000, 3000)), (1269, 952)),
    "clear photograph": (lambda: noise((1200, 900), "RGBA"), (1200, 900)),
    "PNG": (lambda: PNG, (300, 200)),
    "JPEG": (lambda: saved(noise((500, 400)), "JPEG"), (500, 400)),
    "JPEG CMYK": (lambda: saved(drawing(mode="CMYK"), "JPEG"), (300, 200)),
    "JPEG grey": (lambda: saved(drawing(mode="L"), "JPEG"), (300, 200)),
    "JPEG turned": (turned, (200, 300)),
    "JPEG of a new telephone": (
        lambda: saved(Image.new("L", (10_000, 9_000)), "JPEG"),
        (1151, 1036),
    ),
    "JPEG huge": (lambda: saved(noise((4032, 3024)), "JPEG"), (1269, 952)),
    "GIF": (lambda: saved(drawing(), "GIF"), (300, 200)),
    "GIF animated": (lambda: animated("GIF"), (64, 48)),
    "WebP": (lambda: saved(drawing(), "WEBP", lossless=True), (300, 200)),
    "WebP animated": (lambda: animated("WEBP"), (64, 48)),
    "PNG animated": (lambda: animated("PNG"), (64, 48)),
    "TIFF": (lambda: saved(drawing(), "TIFF"), (300, 200)),
    "TIFF of several pages": (lambda: animated("TIFF"), (64, 48)),
    "BMP": (lambda: saved(drawing(), "BMP"), (300, 200)),
    "ICO": (lambda: saved(drawing((64, 64)), "ICO"), (64, 64)),
    "PNG with a profile": (tinted, (300, 200)),
    "PNG with a damaged profile": (damaged_profile, (300, 200)),
    "PNG with a long comment": (commented, (300, 200)),
    "PNG of 16 bits": (lambda: saved(deep("I;16"), "PNG"), (300, 200)),
    "PNG with a clear colour": (
        lambda: saved(drawing(mode="P"), "PNG", transparency=0),
        (300, 200),
    ),
    "PNG with a clear grey": (
        lambda: saved(drawing(mode="L"), "PNG", transparency=255),
        (300, 200),
    ),
    "PNG with more behind it": (lambda: PNG + b"more" * 99, (300, 200)),
    "PNG with garbled EXIF": (
        lambda: PNG.replace(b"\0\0\0\0IEND", chunk(b"eXIf", b"no EXIF") + b"\0\0\0\0IEND"),
        (300, 200),
    ),
    "JPEG with garbled EXIF": (lambda: with_exif(b"II*\0\x08\0\0\0\xff\xff"), (60, 40)),
    "PNG in sRGB": (lambda: in_srgb(), (300, 200)),
    "TIFF CMYK": (lambda: saved(drawing(mode="CMYK"), "TIFF"), (300, 200)),
    "TIFF of floats": (lambda: saved(deep("F"), "TIFF"), (300, 200)),
    "TGA": (lambda: saved(drawing(), "TGA"), (300, 200)),
    "PPM": (lambda: saved(drawing(), "PPM"), (300, 200)),
    "WebP half clear": (lambda: saved(drawing(mode="RGBA"), "WEBP"), (300, 200)),
    **{
        f"JPEG held as {way}": (
            (lambda way=way: turned(way)),
            (200, 300) if way > 4 else (300, 200),
        )
        for way in range(1, 9)
    },
    **{f"SVG {name}": ((lambda it=it: it.encode()), size) for name, (it, size) in SVGS.items()},
    "data: address": (lambda: f"data:image/png;base64,{coded(PNG)}", (300, 200)),
    "data: in lines": (
        lambda: f"data:image/png;base64,{base64.encodebytes(PNG).decode()}",
        (300, 200),
    ),
    "data: SVG": (lambda: f"data:image/svg+xml;utf8,{SVG}", (120, 80)),
    "torch channels first": (
        lambda: Tensor(RNG.random((3, 48, 64)).astype(np.float32)),
        (64, 48),
    ),
    "torch grey": (lambda: Tensor(np.zeros((1, 48, 64), np.uint8)), (64, 48)),
    "torch channels last": (lambda: Tensor(np.zeros((48, 64, 3), np.uint8)), (64, 48)),
    "numpy channels first": (lambda: np.zeros((3, 48, 64), np.uint8), (64, 48)),
    "numpy of one batch": (lambda: np.zeros((1, 48, 64, 3), np.uint8), (64, 48)),
    "numpy rounded above 1": (lambda: np.full((48, 64), 1 + 1e-9), (64, 48)),
    "numpy masked": (lambda: np.ma.masked_less(RNG.random((48, 64)), 0.5), (64, 48)),
    "numpy of the other order": (lambda: RNG.random((48, 64)).astype(">f8"), (64, 48)),
    "bytearray": (lambda: bytearray(PNG), (300, 200)),
    "memoryview": (lambda: memoryview(PNG), (300, 200)),
    "an open file": (lambda: io.BytesIO(PNG), (300, 200)),
    "numpy grey": (lambda: np.zeros((48, 64), np.uint8), (64, 48)),
    "numpy RGB": (lambda: np.zeros((48, 64, 3), np.uint8), (64, 48)),
    "numpy RGBA": (lambda: np.full((48, 64, 4), 255, np.uint8), (64, 48)),
    "numpy one channel": (lambda: np.zeros((48, 64, 1), np.uint8), (64, 48)),
    "numpy floats": (lambda: RNG.random((48, 64, 3)), (64, 48)),
    "numpy half floats": (lambda: RNG.random((48, 64)).astype(np.float16), (64, 48)),
    "numpy bools": (lambda: RNG.random((48, 64)) > 0.5, (64, 48)),
    "numpy back to front": (lambda: np.zeros((48, 64, 3), np.uint8)[::-1, :, ::-1], (64, 48)),
    "numpy read-only": (lambda: np.broadcast_to(np.uint8(7), (48, 64)), (64, 48)),
    "_repr_png_": (lambda: Shows(png=PNG), (300, 200)),
    "_repr_png_ with metadata": (lambda: Shows(png=(PNG, {"width": 50})), (300, 200)),
    "_repr_png_ as base64": (lambda: Shows(png=coded(PNG)), (300, 200)),
    "_repr_jpeg_": (lambda: Shows(jpeg=saved(drawing(), "JPEG")), (300, 200)),
    "_repr_svg_": (lambda: Shows(svg=SVG), (120, 80)),
    "_repr_mimebundle_": (lambda: Shows(bundle={"image/png": coded(PNG)}), (300, 200)),
    "_repr_mimebundle_ with metadata": (lambda: Shows(bundle=({"image/png": PNG}, {})), (300, 200)),
}

# A value, and a word that the error has.
BAD: dict[str, tuple[Callable[[], object], str]] = {
    "PNG that says it is huge": (lambda: png_of((60_000, 60_000)), "pixels"),
    "PNG of no size": (lambda: png_of((0, 0)), "bytes"),
    "PNG garbled": (lambda: PNG[:40] + b"X" + PNG[41:], "bytes"),
    "GIF that says it is huge": (lambda: gif_of((65_535, 65_535)), "pixels"),
    "GIF of no size": (lambda: gif_of((0, 0)), "bytes"),
    "JPEG without its end": (lambda: saved(noise((50, 40)), "JPEG")[:-2], "bytes"),
    "a program": (lambda: b"MZ" + bytes(500), "bytes"),
    "an archive": (lambda: b"PK\x03\x04" + bytes(200), "bytes"),
    "a web page": (lambda: b"<!doctype html><html><body>Hi</body></html>", "bytes"),
    "HEIC": (lambda: b"\0\0\0\x18ftypheic" + bytes(100), "pillow-heif"),
    "PIL without pixels": (lambda: Image.new("RGB", (0, 5)), "0 x 5"),
    "PIL closed": (lambda: closed(drawing()), "closed"),
    "PIL cut off": (lambda: Image.open(io.BytesIO(PNG[: len(PNG) // 2])), "truncated"),
    "a closed file": (lambda: closed(io.BytesIO(PNG)), "closed"),
    "a text file": (lambda: io.StringIO("text"), "text"),
    "JPEG that is a bomb": (lambda: saved(Image.new("L", (20_000, 10_000)), "JPEG"), "pixels"),
    "SVG of no size": (lambda: svg("", 'width="0" height="0"').encode(), "size"),
    "SVG with a file in it": (lambda: svg("<text>&x;</text>", before=ENTITY).encode(), "painted"),
    "SVG that asks for all memory": (lambda: svg(BOUNDLESS).encode(), "painted"),
    "SVG too deep": (lambda: svg("<g>" * 100_000 + "</g>" * 100_000).encode(), "painted"),
    "torch batch": (lambda: Tensor(np.zeros((4, 3, 48, 64), np.uint8)), "4x3x48x64"),
    "torch below 0": (lambda: Tensor(np.full((3, 48, 64), -1.0)), "-1"),
    "numpy some not a number": (lambda: np.where(np.eye(48) > 0, np.nan, 0.5), "nan"),
    "numpy infinite": (lambda: np.full((48, 48), np.inf), "inf"),
    "numpy deep": (lambda: np.zeros((48, 64), np.uint16), "uint16"),
    "numpy dates": (lambda: np.zeros((48, 64), "M8[s]"), "datetime64"),
    "numpy text": (lambda: np.array(["a"] * 20), "20"),
    "a list in itself": (itself, "list"),
    "bundle with a number": (lambda: Shows(bundle={"image/png": 7}), "Shows"),
    "ftp": (lambda: "ftp://example.org/a.png", "https://"),
    "no host": (lambda: "https://", "address"),
    "a path with a null": (lambda: "a\0b.png", "no path"),
    "an empty path": (lambda: "", "str"),
    "a device": (lambda: Path("/dev/zero"), "/dev/zero"),
    "nothing in it": (lambda: b"", "bytes"),
    "text as bytes": (lambda: b"no picture at all", "bytes"),
    "PNG cut": (lambda: PNG[: len(PNG) // 2], "bytes"),
    "PNG head only": (lambda: PNG[:20], "bytes"),
    "JPEG cut": (lambda: saved(noise((500, 400)), "JPEG")[:5000], "bytes"),
    "GIF cut": (lambda: saved(drawing(), "GIF")[:60], "bytes"),
    "WebP cut": (lambda: saved(drawing(), "WEBP")[:60], "bytes"),
    "PDF": (lambda: b"%PDF-1.7\n", "bytes"),
    "a bomb": (lambda: saved(Image.new("1", (20_000, 20_000)), "PNG"), "pixels"),
    "numpy in one line": (lambda: np.zeros(48, np.uint8), "48"),
    "numpy with two channels": (lambda: np.zeros((48, 64, 2), np.uint8), "48x64x2"),
    "numpy with four dimensions": (lambda: np.zeros((2, 48, 64, 3), np.uint8), "2x48x64x3"),
    "numpy empty": (lambda: np.zeros((0, 64), np.uint8), "0x64"),
    "numpy integers": (lambda: np.zeros((48, 64), np.int64), "int64"),
    "numpy floats above 1": (lambda: np.full((48, 64), 200.0), "200"),
    "numpy below 0": (lambda: np.full((48, 64), -0.5), "-0.5"),
    "numpy not a number": (lambda: np.full((48, 64), np.nan), "nan"),
    "numpy complex": (lambda: np.zeros((48, 64), complex), "complex128"),
    "numpy objects": (lambda: np.array([[{}, {}]] * 20), "object"),
    "a method that fails": (Fails, "the pen broke"),
    "a method that lies": (lambda: Shows(png=b"no png"), "Shows"),
    "a method that gives a number": (lambda: Shows(png=7), "Shows"),
    "SVG broken": (lambda: Shows(svg="<svg"), "SVG"),
    "a number": (lambda: 7, "int"),
    "nothing": (lambda: None, "NoneType"),
    "a dict": (lambda: {"a": 1}, "dict"),
    "a class": (lambda: Shows, "type"),
    "a list with a number": (lambda: [drawing(), 7], "list"),
    "an empty list": (list, "list"),
    "http": (lambda: "http://example.org/a.png", "https://"),
    "data: that is none": (lambda: "data:image/png;base64,@@@@", "base64"),
    "a file that is not there": (lambda: "not_there.png", "not_there.png"),
    "a path that is not there": (lambda: Path("no/such/plot.jpg"), "plot.jpg"),
    "a folder": (lambda: Path(), "."),
}
