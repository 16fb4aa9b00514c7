"""A function's signature -> the schema of its arguments, and how they are made from JSON."""

import inspect
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from inspect import Parameter
from typing import Any

from claude_magic.content.wire import Json
from claude_magic.encode.schema_fit import fitted
from claude_magic.encode.schema_plain import Shape
from claude_magic.encode.schema_types import Shapes
from claude_magic.errors import BadInput
from claude_magic.tools.bounds import check_bounds

_SEVERAL = (Parameter.VAR_POSITIONAL, Parameter.VAR_KEYWORD)


@dataclass(frozen=True)
class Arguments:
    """What a function takes: `schema` is the tool's `input_schema`."""

    schema: Json
    _parameters: tuple[Parameter, ...]
    _shapes: Mapping[str, Shape]

    def bound(self, given: Mapping[str, Any]) -> tuple[list[Any], dict[str, Any]]:
        """Return the values to call the function with, by place and by name.

        Raises
        ------
        ValueError: something is missing, was not asked for, or is not of its type; it says what.
        """
        told = {name: value for name, value in given.items() if not self._is_absent(name, value)}
        fit = fitted(told, self.schema, self.schema)
        check_bounds(fit, self.schema, self.schema)
        made = {name: self._shapes[name].build(value, name) for name, value in fit.items()}
        places: list[Any] = []
        for parameter in self._parameters:
            if parameter.kind is Parameter.POSITIONAL_ONLY and parameter.name in made:
                places.append(made.pop(parameter.name))
        return places, made

    def _is_absent(self, name: str, value: object) -> bool:
        """Null for an argument that is None by default."""
        default = next((p.default for p in self._parameters if p.name == name), Parameter.empty)
        return value is None and default is None


def arguments_of(function: Callable[..., Any], name: str, told: Mapping[str, str]) -> Arguments:
    """Return the arguments of `function`; `told` says what each is.

    Raises
    ------
    BadInput: one of them cannot be described; the message names it.
    """
    parameters = _parameters(function, name)
    shapes, found = Shapes(), dict[str, Shape]()
    for parameter in parameters:
        hint = _hint(function, name, parameter)
        try:
            found[parameter.name] = shapes.of(hint, parameter.name, told.get(parameter.name, ""))
        except BadInput as error:
            raise _refused(name, str(error), error.hint) from error
    properties = {
        one.name: found[one.name].schema | shapes.default(one.default, found[one.name].schema)
        for one in parameters
    }
    schema: Json = {
        "type": "object",
        "properties": properties,
        "required": [one.name for one in parameters if one.default is Parameter.empty],
        "additionalProperties": False,
    }
    if shapes.definitions:
        schema["$defs"] = shapes.definitions
    return Arguments(schema, parameters, found)


def _parameters(function: Callable[..., Any], name: str) -> tuple[Parameter, ...]:
    try:
        parameters = tuple(inspect.signature(function).parameters.values())
    except (ValueError, TypeError) as error:
        raise _refused(
            name, "what it takes is not known", "Write a function around it, with type hints."
        ) from error
    for one in parameters:
        if one.kind in _SEVERAL:
            stars = "*" if one.kind is Parameter.VAR_POSITIONAL else "**"
            raise _refused(
                name,
                f"`{stars}{one.name}` stands for any number of arguments, which have no names",
                "Write a function around it that names its arguments; a list can be one of them.",
            )
    if isinstance(function, partial):  # what it has by name already may not be given again
        parameters = tuple(one for one in parameters if one.name not in function.keywords)
    return parameters


def _hint(function: Callable[..., Any], name: str, parameter: Parameter) -> Any:
    """The type of an argument, looked up where the function was written."""
    if parameter.annotation is Parameter.empty:
        raise _refused(
            name,
            f"`{parameter.name}` has no type hint, so Claude would not know what to give",
            f"Write it as `{parameter.name}: str`, or of whatever type it is.",
        )
    try:
        return typing.get_type_hints(_plain(function), include_extras=True)[parameter.name]
    except KeyError:  # a signature of its own (`__signature__`)
        return parameter.annotation
    except Exception as error:
        return _evaluated(function, name, parameter, error)


def _evaluated(
    function: Callable[..., Any], name: str, parameter: Parameter, error: Exception
) -> Any:
    """The type of one argument where another's cannot be found."""
    if not isinstance(parameter.annotation, str):
        return parameter.annotation
    space = getattr(inspect.unwrap(_plain(function)), "__globals__", {})
    try:
        return eval(parameter.annotation, dict(space))
    except Exception as own:
        raise _refused(
            name,
            f"`{parameter.name}` has a type hint that nobody knows ({own})",
            "Define or import the type before the function is offered.",
        ) from error


def _plain(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function itself, which has the annotations."""
    while isinstance(function, partial):
        function = function.func
    if inspect.isfunction(function) or inspect.ismethod(function):
        return function
    return type(function).__call__


def _refused(name: str, why: str, hint: str) -> BadInput:
    return BadInput(f"{name} cannot be offered as a tool: {why.rstrip('.')}.", hint=hint)
