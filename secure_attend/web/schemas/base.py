"""Base classes of the JSON that comes in and goes out. Inputs refuse unknown fields, in words for people."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, WithJsonSchema
from pydantic_core import ErrorDetails, PydanticCustomError

from secure_attend.errors import FieldError, InvalidInput

if TYPE_CHECKING:
    from typing_extensions import Self

Word = Annotated[str, Field(max_length=128)]
Line = Annotated[str, Field(max_length=1000)]
TypedId = Annotated[str, Field(min_length=1, max_length=1000)]
Encoding = Literal[
    "utf-8",
    "utf-16",
    "windows-1250",
    "windows-1251",
    "windows-1252",
    "windows-1253",
    "windows-1254",
    "windows-1255",
    "windows-1256",
    "windows-1257",
    "windows-1258",
    "gb18030",
    "shift_jis",
    "euc-kr",
]
"""Of a file that is neither UTF-8 nor UTF-16, chosen by somebody who saw how it reads."""
Value = TypeVar("Value", date, datetime, time)


def _written(pattern: str, read: Callable[[str], Value], example: str) -> BeforeValidator:
    """Return the check of a text that is written in one way only."""

    def checked(value: object) -> Value:
        try:
            if isinstance(value, str) and re.fullmatch(pattern, value, re.ASCII):
                return read(value)
        except ValueError:
            pass
        raise PydanticCustomError("as_written", "Use {example}.", {"example": example})

    return BeforeValidator(checked)


_DAY, _CLOCK = r"\d{4}-\d{2}-\d{2}", r"([01]\d|2[0-3]):[0-5]\d"
Day = Annotated[
    date,
    _written(_DAY, date.fromisoformat, "a date such as 2026-11-22"),
    WithJsonSchema({"type": "string", "format": "date"}),
]
"""A local day, in a JSON body or in an address."""
Clock = Annotated[
    time,
    _written(_CLOCK, time.fromisoformat, "a time such as 09:30"),
    WithJsonSchema({"type": "string", "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9]$"}),
]
"""A local time of the day."""
LocalTime = Annotated[
    datetime,
    _written(f"{_DAY}T{_CLOCK}", datetime.fromisoformat, "a local time such as 2026-12-01T10:00"),
    WithJsonSchema({"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}T([01][0-9]|2[0-3]):[0-5][0-9]$"}),
]
"""A day and a local time, to the minute."""


class Input(BaseModel):
    """An input. If it doesn't fit, `InvalidInput` names every field at fault."""

    model_config = ConfigDict(extra="forbid")

    @classmethod
    def model_validate(cls, obj: Any, **options: Any) -> Self:
        """Check the input. Raises `InvalidInput`."""
        _refuse_nul(obj)
        try:
            return super().model_validate(obj, **options)
        except ValidationError as error:
            faults = [FieldError(_field(fault), _message(fault, cls)) for fault in error.errors(include_url=False)]
            detail = " ".join(f"{fault.field}: {fault.message}" for fault in faults[:5])
            raise InvalidInput("invalid_input", detail, errors=faults) from error


class JsonBody(Input):
    """A JSON body. Types aren't converted: `1` is not true, and `"5"` is not five."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Output(BaseModel):
    """An output."""

    model_config = ConfigDict(frozen=True)


def refused_field(field: str, message: str) -> InvalidInput:
    """Return the refusal of one field, for rules that no schema can state."""
    return InvalidInput("invalid_input", f"{field}: {message}", errors=[FieldError(field, message)])


def _refuse_nul(obj: Any) -> None:
    """Refuse U+0000, which PostgreSQL can't store and nobody can type."""
    fields = obj.items() if isinstance(obj, Mapping) else ()
    faults = [
        FieldError(str(name), "Remove the invisible character U+0000.")
        for name, value in fields
        if any("\0" in text for text in (value if isinstance(value, list) else [value]) if isinstance(text, str))
    ]
    if faults:
        raise InvalidInput("invalid_input", f"{faults[0].field}: {faults[0].message}", errors=faults)


def _field(fault: ErrorDetails) -> str:
    return ".".join(str(part) for part in fault["loc"]) or "body"


# Pydantic's error types in words; {…} is filled in from the error's context.
_MESSAGES = {
    "missing": "This field is required.",
    "string_type": "Use text.",
    "string_too_long": "Use at most {max_length} characters.",
    "string_too_short": "Use at least {min_length} characters.",
    "bool_type": "Use true or false.",
    "bool_parsing": "Use 1 or 0.",
    "int_type": "Use a whole number.",
    "int_parsing": "Use a whole number.",
    "int_parsing_size": "This number is too large.",
    "list_type": "Use a list.",
    "too_short": "Give at least one.",
    "too_long": "Give at most {max_length}.",
    "greater_than_equal": "Use {ge} or more.",
    "less_than_equal": "Use {le} or less.",
    "literal_error": "Use {expected}.",
    "date_from_datetime_parsing": "Use a date such as 2026-11-22.",
    "date_from_datetime_inexact": "Use a date such as 2026-11-22.",
    "date_parsing": "Use a date such as 2026-11-22.",
    "date_type": "Use a date such as 2026-11-22.",
}


def _message(fault: ErrorDetails, model: type[BaseModel]) -> str:
    if fault["type"] == "extra_forbidden":
        known = ", ".join(field.alias or name for name, field in model.model_fields.items())
        return f"Remove this unknown field. The known fields are: {known}."
    if fault["type"] == "string_too_short" and not fault["input"]:
        return "This field must not be empty."
    message = _MESSAGES.get(fault["type"])
    return message.format(**fault.get("ctx", {})) if message else f"{fault['msg']}."
