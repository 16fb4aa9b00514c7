"""Pictures, documents and schemas -> what keeps the API from taking them."""

import math
import re
from collections.abc import Iterator
from typing import Any

from claude_magic.content.wire import Json
from claude_magic.practice import shapes, sight
from claude_magic.practice.refusal import Asked, Faults, Refusal, invalid
from claude_magic.practice.schemas import inner_schemas, resolve

MOST_IMAGE_CHARACTERS = 10 * 1024 * 1024
MOST_SIDE, MOST_SIDE_OF_MANY, MANY_IMAGES = 8000, 2000, 20

TYPES = ("object", "array", "string", "integer", "number", "boolean", "null")
BOUNDS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf")
SIZES = ("minLength", "maxLength", "minItems", "maxItems")
LISTS = ("enum", "anyOf", "oneOf", "allOf", "prefixItems")
SCHEMA = shapes.Fields(
    optional={
        "properties": shapes.Mapped(),
        "required": shapes.Items(shapes.Text()),
        "pattern": shapes.Text(),
        "$ref": shapes.Text(),
        **dict.fromkeys(LISTS, shapes.Items(shapes.Anything())),
        **dict.fromkeys(BOUNDS, shapes.Number(-math.inf, math.inf)),
        **dict.fromkeys(SIZES, shapes.Whole(0)),
    },
    open=True,
)
UNSUPPORTED = {
    "number": BOUNDS,
    "string": ("minLength", "maxLength"),
    "array": ("maxItems", "uniqueItems"),
}


def documents(asked: Asked) -> Faults:
    """A PDF must be one."""
    for one in asked.placed:
        if one.kind == "document" and one.block["source"]["type"] == "base64":
            data = sight.decode(one.block["source"]["data"])
            if data is None or not data.startswith(b"%PDF"):
                yield f"{one.path}.pdf.source.base64.data: The PDF specified was not valid."


def images(asked: Asked) -> Faults:
    """Vision documentation, limits."""
    images = [one for one in asked.placed if one.kind == "image"]
    most = 100 if asked.model.context <= 200_000 else 600
    if len(images) > most:
        yield f"messages: too many images: {len(images)} > {most}"
    limit = MOST_SIDE_OF_MANY if len(images) > MANY_IMAGES else MOST_SIDE
    for one in images:
        if one.block["source"]["type"] == "base64":
            yield from _image(asked, one.block, f"{one.path}.image.source.base64", limit)


def _image(asked: Asked, block: Json, path: str, limit: int) -> Faults:
    data = block["source"]["data"]
    if (size := len(data)) > MOST_IMAGE_CHARACTERS:
        yield f"{path}: image exceeds 10 MB maximum: {size} bytes > {MOST_IMAGE_CHARACTERS} bytes"
    if (decoded := sight.decode(data)) is None:
        yield f"{path}.data: Invalid base64 data"
    elif (picture := sight.glance(decoded)) is None:
        yield f"{path}: Could not process image"
    else:
        yield from _picture(asked, block, picture, path, limit)


def _picture(asked: Asked, block: Json, picture: sight.Picture, path: str, limit: int) -> Faults:
    if picture.media_type != (told := block["source"]["media_type"]):
        yield (
            f"{path}.data: The image was specified using the {told} media type, "
            f"but the image appears to be a {picture.media_type} image"
        )
    size = (picture.width, picture.height)
    if max(size) > limit:
        yield _too_large(path, limit, many=limit < MOST_SIDE)
    kept = sight.fitted(*size, edge=asked.model.image_edge, most=asked.model.image_tokens)
    strict = (block.get("transformations") or {}).get("oversized_image") == "error"
    if strict and kept != size:
        yield f"{path}: image is larger than this model keeps; resize it to {kept[0]}x{kept[1]}"


def _too_large(path: str, limit: int, *, many: bool) -> Refusal:
    why = " for many-image requests" if many else ""
    details = {
        "error_code": "image_dimensions_too_large",
        "paths": [path],
        "max_side_length_pixels": limit,
    }
    return invalid(
        f"{path}: image dimensions exceed max allowed size{why}: {limit} pixels", details
    )


def tool_schemas(asked: Asked) -> Faults:
    """An input schema must be a schema."""
    for number, tool in enumerate(asked.body.get("tools") or ()):
        if not _is_schema(tool.get("input_schema", {})):
            yield f"tools.{number}.custom.input_schema: JSON schema is invalid."


def _is_schema(schema: Any) -> bool:
    """Whether the keywords used here hold what they must; others are not looked at."""
    if isinstance(schema, bool):
        return True
    if any(shapes.faults(SCHEMA, schema, "")) or not _compiles(schema.get("pattern") or ""):
        return False
    if any(word in schema and schema[word] is None for word in SCHEMA.optional):
        return False
    kinds = schema.get("type", [])
    known = all(kind in TYPES for kind in (kinds if isinstance(kinds, list) else [kinds]))
    return known and all(_is_schema(inner) for _, inner in inner_schemas(schema))


def _compiles(pattern: str) -> bool:
    try:
        re.compile(pattern)
    except re.error:
        return False
    return True


def schemas(asked: Asked) -> Faults:
    """Structured outputs, JSON schema limitations."""
    wanted = asked.output_config.get("format")
    if not wanted:
        return
    path = "output_config.format.schema"
    if not _is_schema(wanted["schema"]):
        yield f"{path}: JSON schema is invalid."
    yield from _schema(wanted["schema"], wanted["schema"], path, ())
    if any(
        (one.block.get("citations") or {}).get("enabled")
        for one in asked.placed
        if one.kind == "document"
    ):
        yield "output_config.format: citations cannot be used with structured outputs"


def _schema(schema: Any, root: Json, path: str, seen: tuple[str, ...]) -> Faults:
    if not isinstance(schema, dict):
        yield f"{path}: schema should be an object"
        return
    yield from (f"{path}: {said}" for said in _schema_faults(schema))
    if isinstance(ref := schema.get("$ref"), str):
        target = resolve(root, ref)
        if target is None:
            yield f"{path}: $ref '{ref}' cannot be resolved"
        elif ref in seen:
            yield f"{path}: recursive schemas are not supported"
        else:
            yield from _schema(target, root, path, (*seen, ref))
    for key, inner in inner_schemas(schema):
        yield from _schema(inner, root, f"{path}.{key}", seen)


def _schema_faults(schema: Json) -> Iterator[str]:
    kind = schema.get("type")
    if kind == "object" and schema.get("additionalProperties") is not False:
        yield "For 'object' type, 'additionalProperties' must be explicitly set to false"
    if "allOf" in schema and "$ref" in schema:
        yield "'allOf' cannot be combined with '$ref'"
    if schema.get("minItems", 0) not in (0, 1):
        yield "For 'array' type, 'minItems' values other than 0 or 1 are not supported"
    for kinds, words in UNSUPPORTED.items():
        if used := [word for word in words if word in schema]:
            yield f"For '{kind or kinds}' type, properties {', '.join(used)} are not supported"
