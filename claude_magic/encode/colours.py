"""Pixels as they are meant: upright, in sRGB, on white; and whether they were drawn."""

import io
import warnings
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

ORIENTATION = 0x0112  # the EXIF tag that tells how the camera was held
PLACE = 0x8825  # the one that tells where
_FEW = 256  # colours that only a drawing gets along with
_FLAT = 0.5  # the share of a drawing's pixels that look like their neighbour; a photograph: 0.2
_GROUND = 0.2  # the share of a drawing's pixels that are as bright as its ground; else: 0.03
_LIGHT = 200  # of 255: writing that bright cannot be read on white


def upright(value: "Picture") -> "Picture":
    """Return the first frame, turned as its camera says, as grey (L), RGB or RGBA in sRGB.

    The picture that is handed over stays as it is.
    """
    from PIL import ImageOps

    picture = value
    if getattr(picture, "n_frames", 1) > 1 and picture.tell() != 0:
        picture = _first_frame(picture)
    turned = picture
    if exif_of(picture).get(ORIENTATION, 1) != 1:
        turned = ImageOps.exif_transpose(picture) or picture
    if turned.mode.startswith(("I", "F")):
        return _eight_bits(turned)
    if turned.mode == "La":  # which Pillow turns into nothing but LA
        turned = turned.convert("LA")
    if is_clear(turned):
        return _in_srgb(turned.convert("RGBA"))
    coloured = _in_srgb(turned.convert("RGB") if turned.mode == "P" else turned)
    if coloured.mode == "1":
        return coloured.convert("L")
    return coloured if coloured.mode in ("L", "RGB") else coloured.convert("RGB")


def exif_of(picture: "Picture") -> Mapping[int, Any]:
    """Return what the camera noted; what cannot be read is as good as nothing."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return picture.getexif()
    except Exception:  # as decoders fail: in many ways
        return {}


def is_clear(picture: "Picture") -> bool:
    """Whether any pixel can be seen through."""
    with_alpha = picture.mode in ("RGBA", "LA", "PA", "La", "RGBa")
    if not with_alpha and "transparency" not in picture.info:
        return False
    low: Any = picture.convert("RGBA").getchannel("A").getextrema()[0]
    return bool(low < 255)


def on_white(picture: "Picture") -> "Picture":
    """Return it without holes: models show nothing behind a picture, and black is often assumed.

    What is drawn in light colours only was meant for a dark ground, and stays as it is.
    """
    if picture.mode != "RGBA":
        return picture
    from PIL import Image, ImageStat

    alpha = picture.getchannel("A")
    brightness = ImageStat.Stat(picture.convert("L"), alpha).mean if alpha.getbbox() else [0.0]
    if brightness[0] > _LIGHT:
        return picture
    ground = Image.new("RGB", picture.size, "white")
    ground.paste(picture, mask=alpha)
    return ground


def is_drawn(picture: "Picture") -> bool:
    """Whether it is a plot, a screenshot or the like: few colours, an even ground, even areas."""
    if picture.getcolors(_FEW):
        return True
    strips = [_strip(picture, part) for part in (1, 3, 5)]
    pixels = sum(strip.width * strip.height for strip in strips)
    if sum(map(_even, strips)) >= _FLAT * pixels:
        return True
    shades = [strip.convert("L").histogram() for strip in strips]
    return max(map(sum, zip(*shades, strict=True))) >= _GROUND * pixels


def _strip(picture: "Picture", part: int) -> "Picture":
    """A strip across the picture, `part` sixths down."""
    half = max(1, min(48, picture.height // 6))
    middle = picture.height * part // 6
    return picture.crop((0, max(0, middle - half), picture.width, middle + half)).convert("RGB")


def _even(strip: "Picture") -> int:
    """How many pixels look exactly like the one beside them."""
    from PIL import ImageChops

    difference = ImageChops.difference(strip, ImageChops.offset(strip, 1, 0))
    red, green, blue = difference.split()
    most = ImageChops.lighter(ImageChops.lighter(red, green), blue)
    return most.histogram()[0]


def _first_frame(picture: "Picture") -> "Picture":
    at = picture.tell()
    picture.seek(0)
    frame = picture.copy()
    picture.seek(at)
    return frame


def _eight_bits(picture: "Picture") -> "Picture":
    """Deep grey: what fits eight bits as it is, else spread from its darkest to its lightest."""
    deep = picture.convert("F")
    extrema: Any = deep.getextrema()
    low, high = map(float, extrema)
    if picture.mode == "F" and low >= 0 and high <= 1:
        low, high = 0.0, 1.0
    elif low >= 0 and high <= 255:
        return deep.convert("L")
    scale = 255.0 / ((high - low) or 1.0)
    spread: Any = lambda value: value * scale - low * scale  # noqa: E731
    return deep.point(spread).convert("L")


def _in_srgb(picture: "Picture") -> "Picture":
    """Its colours as a screen shows them; a damaged profile is as good as none."""
    profile = picture.info.get("icc_profile")
    if not profile or picture.mode not in ("L", "RGB", "RGBA", "CMYK"):
        return picture
    from PIL import ImageCms

    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        if "srgb" in ImageCms.getProfileDescription(source).lower():
            return picture
        screen = ImageCms.createProfile("sRGB")
        if picture.mode == "L":
            return picture
        mode = "RGBA" if picture.mode == "RGBA" else "RGB"
        return ImageCms.profileToProfile(picture, source, screen, outputMode=mode) or picture
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return picture
