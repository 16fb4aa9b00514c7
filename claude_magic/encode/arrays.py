"""An array of pixels (numpy, torch and the like) -> a PIL image; torch is not imported for it."""

from typing import TYPE_CHECKING, Any

from claude_magic.errors import BadInput

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

_LIBRARIES = ("numpy", "torch", "jax", "jaxlib", "tensorflow", "cupy")
_CHANNELS = (1, 3, 4)
_ROUNDING = 1e-6
_SMALLEST = 16  # pixels a side; a smaller matrix among words is meant as numbers
_FORMS = "Pictures are (height, width[, 3 or 4]), grey or colours, uint8 or floats from 0 to 1"


def is_array(value: object) -> bool:
    """Whether `value` is an array of numpy, torch, jax, tensorflow or cupy."""
    libraries = {kind.__module__.split(".")[0] for kind in type(value).__mro__}
    known = bool(libraries.intersection(_LIBRARIES))
    return known and all(hasattr(value, name) for name in ("shape", "dtype"))


def looks_like_pixels(value: Any) -> bool:
    """Whether an array that stands among words is more likely a picture than numbers."""
    try:
        array = _pixels(value)
    except BadInput:
        return False
    return bool(min(array.shape[:2]) >= _SMALLEST)


def picture_of_array(value: Any) -> "Picture":
    """Return the picture of an array: grey, RGB or RGBA; uint8, bool, or floats from 0 to 1.

    A tensor may have its channels first, as torch has them.

    Raises
    ------
    BadInput: it has another shape, type or range.
    """
    from PIL import Image

    return Image.fromarray(_pixels(value))


def _pixels(value: Any) -> Any:
    array = _channels_last(_on_cpu(value), tensor=type(value).__module__.startswith("torch"))
    shape = "x".join(map(str, getattr(value, "shape", ())))
    if array.ndim not in (2, 3) or (array.ndim == 3 and array.shape[2] not in _CHANNELS):
        raise BadInput(f"an array of shape {shape or '()'} is no picture.", hint=f"{_FORMS}.")
    if 0 in array.shape:
        raise BadInput(f"an array of shape {shape} is empty, so it is no picture.")
    if array.ndim == 3 and array.shape[2] == 1:
        array = array[:, :, 0]
    return _bytes(array)


def _on_cpu(value: Any) -> Any:
    import numpy

    if hasattr(value, "detach"):  # torch
        value = value.detach().cpu()
        value = value.float() if value.dtype.is_floating_point else value
        return value.numpy()
    return value.get() if type(value).__module__.startswith("cupy") else numpy.asarray(value)


def _channels_last(array: Any, *, tensor: bool) -> Any:
    if array.ndim == 4 and array.shape[0] == 1:
        array = array[0]
    first = array.ndim == 3 and array.shape[0] in _CHANNELS and array.shape[2] not in _CHANNELS
    if first or (tensor and array.ndim == 3 and array.shape[0] in _CHANNELS):
        return array.transpose(1, 2, 0)
    return array


def _way_out(array: Any) -> str:
    """How numbers of another kind become pixels."""
    if array.dtype.kind in "iu" and array.min() >= 0 and array.max() <= 255:
        return "take `.astype('uint8')`"
    return "scale it, as `(a - a.min()) / (a.max() - a.min())` does"


def _bytes(array: Any) -> Any:
    """The array as eight-bit numbers, row after row."""
    import numpy

    if array.dtype == numpy.uint8:
        return numpy.ascontiguousarray(array)
    if array.dtype == numpy.bool_:
        return numpy.ascontiguousarray(array).astype("uint8") * 255
    if array.dtype.kind != "f":
        raise BadInput(
            f"an array of {array.dtype} is no picture.",
            hint=f"{_FORMS}: {_way_out(array)}, or show it with plt.imshow.",
        )
    low, high = float(array.min()), float(array.max())
    if not (low >= -_ROUNDING and high <= 1 + _ROUNDING):  # also where one of them is not a number
        raise BadInput(
            f"an array from {low:g} to {high:g} is no picture.",
            hint=f"{_FORMS}: scale it, or show it with plt.imshow.",
        )
    return numpy.ascontiguousarray((array.clip(0, 1) * 255).round().astype("uint8"))
