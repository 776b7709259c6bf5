"""The ground of what comes in and goes out as JSON. Inputs refuse unknown fields, in words for a person."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails

from secure_attend.errors import FieldError, InvalidInput

if TYPE_CHECKING:
    from typing_extensions import Self

Word = Annotated[str, Field(max_length=128)]
Line = Annotated[str, Field(max_length=1000)]
TypedId = Annotated[str, Field(min_length=1, max_length=1000)]


class Input(BaseModel):
    """An input; what does not fit is refused as `InvalidInput` that names every field."""

    model_config = ConfigDict(extra="forbid")

    @classmethod
    def model_validate(cls, obj: Any, **options: Any) -> Self:
        """The input checked. Raises `InvalidInput`."""
        _refuse_nul(obj)
        try:
            return super().model_validate(obj, **options)
        except ValidationError as error:
            faults = [FieldError(_name(fault), _words(fault, cls)) for fault in error.errors(include_url=False)]
            detail = " ".join(f"{fault.field}: {fault.message}" for fault in faults[:5])
            raise InvalidInput("invalid_input", detail, errors=faults) from error


class Body(Input):
    """A JSON body: types are taken as they are, `1` is not true and `"5"` not five."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Output(BaseModel):
    """What goes out."""

    model_config = ConfigDict(frozen=True)


def refused_field(field: str, message: str) -> InvalidInput:
    """The refusal of one field, for what no schema can say."""
    return InvalidInput("invalid_input", f"{field}: {message}", errors=[FieldError(field, message)])


def _refuse_nul(obj: Any) -> None:
    """PostgreSQL keeps no text with U+0000 in it, and nobody can type one."""
    given = obj.items() if isinstance(obj, Mapping) else ()
    faults = [
        FieldError(str(name), "This holds a character that cannot be seen (U+0000).")
        for name, value in given
        if any("\0" in text for text in (value if isinstance(value, list) else [value]) if isinstance(text, str))
    ]
    if faults:
        raise InvalidInput("invalid_input", f"{faults[0].field}: {faults[0].message}", errors=faults)


def _name(fault: ErrorDetails) -> str:
    return ".".join(str(part) for part in fault["loc"]) or "body"


# Pydantic's error types in words; {…} are filled from the error's own context.
_WORDS = {
    "missing": "This is needed.",
    "string_type": "This must be text.",
    "string_too_long": "This is too long; {max_length} characters are the most.",
    "string_too_short": "This is too short; {min_length} characters are the least.",
    "bool_type": "This must be true or false.",
    "bool_parsing": "This must be 1 or 0.",
    "int_type": "This must be a whole number.",
    "int_parsing": "This must be a whole number.",
    "int_parsing_size": "This number is too large.",
    "list_type": "This must be a list.",
    "too_short": "This must name at least one.",
    "too_long": "This names too many; {max_length} are the most.",
    "greater_than_equal": "This must be {ge} or more.",
    "less_than_equal": "This must be {le} or less.",
    "literal_error": "This must be {expected}.",
    "date_from_datetime_parsing": "This must be a date like 2026-11-22.",
    "date_from_datetime_inexact": "This must be a date like 2026-11-22.",
    "date_parsing": "This must be a date like 2026-11-22.",
    "date_type": "This must be a date like 2026-11-22.",
}


def _words(fault: ErrorDetails, model: type[BaseModel]) -> str:
    if fault["type"] == "extra_forbidden":
        known = ", ".join(field.alias or name for name, field in model.model_fields.items())
        return f"There is no such field here. Known are: {known}."
    if fault["type"] == "string_too_short" and not fault["input"]:
        return "This must not be blank."
    words = _WORDS.get(fault["type"])
    return words.format(**fault.get("ctx", {})) if words else f"{fault['msg']}."
