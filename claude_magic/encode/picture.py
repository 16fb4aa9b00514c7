"""A picture (PIL image, or the bytes of a file) -> an image block within the API's limits."""

import base64
import io
import warnings
from typing import TYPE_CHECKING, Any, NamedTuple

from claude_magic.content.blocks import Image
from claude_magic.encode.colours import (
    ORIENTATION,
    PLACE,
    exif_of,
    is_clear,
    is_drawn,
    on_white,
    upright,
)
from claude_magic.encode.sight import fitted
from claude_magic.errors import BadInput

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

KINDS = ("png", "jpeg", "gif", "webp")  # that the API takes (Messages API, vision)
# Bytes; in base64 below the 5 MB that the strictest servers take (Messages API, vision).
_MOST = 3_700_000
_HEIC = (b"ftypheic", b"ftypheix", b"ftyphevc", b"ftypmif1", b"ftypmsf1")
_JPEG = b"\xff\xd8\xff"
_SMALL = 1_000_000  # pixels of a drawing that stays PNG, which every server reads
_PATIENT = {"quality": 20, "method": 2}  # lossless WebP: smaller than PNG and not slower
_BICUBIC, _HAMMING = 3, 5  # Pillow's numbers: one that keeps lines sharp, one for photographs
_QUALITY = 92  # of JPEG, colours at full resolution: nobody sees the difference


def is_picture(value: object) -> bool:
    """Whether `value` is a PIL image, without importing Pillow."""
    return any(kind.__module__.split(".")[0] == "PIL" for kind in type(value).__mro__)


def is_picture_file(data: bytes) -> bool:
    """Whether a file that begins with `data` is a picture: PNG, JPEG, GIF, WebP, TIFF or BMP."""
    beginnings = (b"\x89PNG\r\n", _JPEG, b"GIF8", b"II*\0", b"MM\0*", b"BM")
    return data.startswith(beginnings) or (data[:4] == b"RIFF" and data[8:12] == b"WEBP")


def picture_block(value: Any, *, edge: int, tokens: int, name: str = "") -> Image:
    """Return the block of a picture, no larger than the model looks at.

    `edge` is the longest side in pixels and `tokens` the most visual tokens that the model keeps;
    larger pictures are made smaller, smaller ones left as they are. A file that is fit already goes
    as it is; anything else becomes PNG or lossless WebP where it is drawn, JPEG where it is
    photographed. `name` is what an error calls it.

    Raises
    ------
    BadInput: it is no picture, damaged, or a decompression bomb; the message names the file.
    """
    if is_picture(value):
        return packed(made_fit(value, edge, tokens))
    data, name = bytes(value), name or "the bytes object"
    picture = _opened(data, name)
    size = fitted(picture.size, edge, tokens)
    picture.draft(None, size)  # a JPEG is decoded no larger than needed
    _load(picture, name)
    kind = str(picture.format).lower()
    small = picture.size == size and len(data) <= _MOST
    if small and kind in KINDS and not _to_be_changed(picture):
        return _block(kind, data)
    return packed(made_fit(picture, edge, tokens))


def size_of(block: Image) -> tuple[int, int]:
    """Return the width and height in pixels of a block's picture; (0, 0) where it is not at hand.

    Only the head of the picture is read.

    Raises
    ------
    BadInput: it is damaged.
    """
    source = block.source
    if source.get("type") == "kept":
        return int(source.get("width", 0)), int(source.get("height", 0))
    if source.get("type") != "base64":
        return 0, 0
    data = str(source["data"])
    try:
        return _size_in(data[: 1 << 16])
    except BadInput:  # a head that is longer than that, or none
        return _size_in(data)


def _size_in(coded: str) -> tuple[int, int]:
    try:
        return _opened(base64.b64decode(coded), "the picture").size
    except ValueError as error:
        raise BadInput("the picture is no base64.") from error


def _block(kind: str, data: bytes) -> Image:
    coded = base64.b64encode(data).decode()
    return Image({"type": "base64", "media_type": f"image/{kind}", "data": coded})


def _opened(data: bytes, name: str) -> "Picture":
    """The picture with its size known and its pixels not yet decoded."""
    from PIL import Image as pillow

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            if not data.startswith(_JPEG):  # which is decoded no larger than needed
                warnings.simplefilter("error", pillow.DecompressionBombWarning)
            return pillow.open(io.BytesIO(data))
    except (pillow.DecompressionBombWarning, pillow.DecompressionBombError) as error:
        raise BadInput(
            f"{name} has too many pixels to be opened.",
            hint="Make it smaller first, or hand over a part of it.",
        ) from error
    except Exception as error:  # decoders fail in many ways on what is no picture
        raise _unreadable(name, data, error) from error


def _load(picture: "Picture", name: str) -> None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            picture.load()
    except Exception as error:  # as above: damaged data
        raise BadInput(
            f"{name} is damaged or cut off: {error}.", hint="Save or download it again."
        ) from error


def _unreadable(name: str, data: bytes, error: Exception) -> BadInput:
    if not data:
        return BadInput(f"{name}: nothing is in it, so it is no picture.")
    if data[4:12] in _HEIC:
        return BadInput(
            f"{name} is HEIC, as telephones write it, which Pillow reads with help only.",
            hint="`pip install pillow-heif`, run `import pillow_heif; "
            "pillow_heif.register_heif_opener()`, then this cell again; or save it as JPEG.",
        )
    return BadInput(
        f"{name} is no picture that can be read ({type(error).__name__}).",
        hint="Give a PIL image, or a file that is PNG, JPEG, GIF, WebP, TIFF or BMP.",
    )


def _to_be_changed(picture: "Picture") -> bool:
    """Whether a server would see it otherwise than it is meant: turned, tinted or see-through.

    Or would learn where it was taken, which nobody meant to tell.
    """
    exif = exif_of(picture)
    turned = exif.get(ORIENTATION, 1) != 1 or PLACE in exif
    plain = picture.mode in ("1", "L", "P", "RGB", "RGBA", "LA")
    return turned or not plain or "icc_profile" in picture.info or is_clear(picture)


class Fit(NamedTuple):
    """A picture as a model sees it, and whether it was drawn: a plot, a screenshot or the like."""

    picture: "Picture"
    drawn: bool


def made_fit(value: Any, edge: int, tokens: int) -> Fit:
    """Return a PIL image as a model sees it: upright, in plain colours, no larger than it keeps.

    Raises
    ------
    BadInput: it has no pixels.
    """
    if 0 in value.size:
        raise BadInput(f"the picture is empty: {value.width} x {value.height} pixels.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            picture = on_white(upright(value))
    except Exception as error:  # a file that is cut off or closed is read only now
        raise BadInput(
            f"the picture cannot be read: {error}.", hint="Open or make it again."
        ) from error
    drawn = picture.mode == "RGBA" or is_drawn(picture)
    size = fitted(picture.size, edge, tokens)
    if size != picture.size:
        picture = picture.resize(size, _BICUBIC if drawn else _HAMMING, reducing_gap=3.0)
    return Fit(picture, drawn)


def packed(fit: Fit) -> Image:
    """Return the block of what `made_fit` made.

    Lossless for drawings, whose lines and letters must stay sharp; JPEG for photographs.
    """
    return _block(*_coded(*fit))


def _coded(picture: "Picture", drawn: bool) -> tuple[str, bytes]:
    if drawn:
        small = picture.width * picture.height <= _SMALL
        kind, data = ("png", _png(picture)) if small else ("webp", _webp(picture, lossless=True))
        if len(data) <= _MOST:
            return kind, data
    if picture.mode == "RGBA":
        return "webp", _webp(picture)
    return "jpeg", _jpeg(picture)


def _jpeg(picture: "Picture") -> bytes:
    """The picture at a quality where no difference is seen; only noise must be held to the size."""
    for quality in (_QUALITY, 80, 60, 30):
        data = _saved(picture, "JPEG", quality=quality, subsampling=0)
        if len(data) <= _MOST:
            break
    return data


def _png(picture: "Picture") -> bytes:
    return _saved(picture, "PNG")


def _webp(picture: "Picture", *, lossless: bool = False) -> bytes:
    how = _PATIENT if lossless else {"quality": _QUALITY, "method": 2}
    return _saved(picture, "WEBP", lossless=lossless, **how)


def _saved(picture: "Picture", kind: str, **how: Any) -> bytes:
    target = io.BytesIO()
    picture.save(target, kind, icc_profile=b"", **how)  # it is in sRGB, which all take it for
    return target.getvalue()
