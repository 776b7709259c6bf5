"""Request bodies: read into memory up to the route's limit, never into a file. JSON is parsed strictly."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import wraps
from typing import Any, NoReturn, ParamSpec, TypeVar

from flask import Request, request
from werkzeug.exceptions import HTTPException

from secure_attend.errors import FieldError, InvalidInput, TooLarge, UnsupportedInput
from secure_attend.web.http.problems import BadRequest

JSON_BYTES = 64_000
DEEPEST_JSON = 20
LARGEST = "largest_body"
"""The attribute of a view that takes more than `JSON_BYTES`."""

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True)
class RawBody:
    """A body that isn't JSON: its media types, its limit in bytes, and its name in errors."""

    media_types: tuple[str, ...]
    most: int
    what: str

    def read(self) -> bytes:
        """Read the body of the present request. Raises `UnsupportedInput` or `TooLarge`."""
        if request.mimetype not in self.media_types:
            wanted = " or ".join(self.media_types)
            raise _unsupported(f"Send {self.what} as the request's body, with Content-Type {wanted}.")
        return _read(request, self.most, self.what)


FRAME = RawBody(("image/jpeg",), 150_000, "one JPEG picture")
# A HEIC photo reaches the decoder, which explains how to save it as JPEG.
PHOTO = RawBody(("image/jpeg", "image/png", "image/webp", "image/heic", "image/heif"), 8_000_000, "one photo")
WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ROSTER = RawBody(("text/csv", "application/vnd.ms-excel", "text/plain", WORKBOOK), 16_000_000, "the roster file")
NIGHTLY = RawBody(("application/zip", "application/x-zip-compressed"), 16_000_000, "the nightly file")


def _read(source: Request, most: int, what: str) -> bytes:
    """Read the whole body. Raises `TooLarge` or `BadRequest` (`body_cut_off`).

    Werkzeug silently truncates a body without a declared length at the limit, so the limit is raised by one byte to
    notice. It doesn't notice either if a client disconnects before the length that it declared, if the server marks
    the end of bodies.
    """
    message = f"Send at most {most // 1000} kB for {what}."
    too_large = TooLarge("too_large", message, errors=[FieldError("body", message)])
    if source.content_length is not None and source.content_length > most:
        raise too_large
    source.max_content_length = most + 1
    try:
        data = source.get_data(cache=False)
    except (HTTPException, MemoryError):
        raise
    except Exception as error:  # every WSGI server has its own for a body that breaks off between two chunks
        raise _cut_off("The body ended too early.") from error
    if len(data) > most:
        raise too_large
    if source.content_length is not None and len(data) < source.content_length:
        raise _cut_off(f"Only {len(data)} of {source.content_length} bytes arrived.")
    return data


def _cut_off(what: str) -> BadRequest:
    message = f"{what} Nothing was changed. Send it again."
    return BadRequest("body_cut_off", message, errors=[FieldError("body", message)])


def _unsupported(message: str) -> UnsupportedInput:
    return UnsupportedInput("unsupported_media_type", message, errors=[FieldError("Content-Type", message)])


def json_limit(most: int) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Let a view take a longer JSON body than others."""

    def decorate(view: Callable[P, R]) -> Callable[P, R]:
        @wraps(view)
        def limited(*args: P.args, **kwargs: P.kwargs) -> R:
            request.max_content_length = most
            return view(*args, **kwargs)

        setattr(limited, LARGEST, most)
        return limited

    return decorate


class StrictRequest(Request):
    """A request whose JSON must be one UTF-8 object, with each name once, no NaN and no lone surrogates."""

    def get_json(self, force: bool = False, silent: bool = False, cache: bool = True) -> Any:
        """Return the object. Raises `UnsupportedInput`, `BadRequest`, `InvalidInput` or `TooLarge`."""
        if not self.mimetype and not self.content_length and "Transfer-Encoding" not in self.headers:
            return {}  # an empty body: each required field is then refused by name
        if not self.is_json:
            raise _unsupported("Send JSON, with Content-Type application/json.")
        return parse_object(_read(self, self.max_content_length or JSON_BYTES, "JSON"))


def parse_object(data: bytes) -> dict[str, Any]:
    """Return the JSON object in `data`. Raises `BadRequest` (`malformed_json`) or `InvalidInput`."""
    try:
        value = json.loads(data.decode("utf-8"), object_pairs_hook=_unique_names, parse_constant=_no_constant)
        _refuse_deep(value)
        json.dumps(value, ensure_ascii=False).encode("utf-8")  # half a character (a lone surrogate) cannot be encoded
    except (ValueError, RecursionError) as error:
        message = f"The request's body isn't valid JSON: {_why(error)}"
        raise BadRequest("malformed_json", message, errors=[FieldError("body", message)]) from error
    if not isinstance(value, dict):
        message = "Send a JSON object as the request's body: {...}."
        raise InvalidInput("invalid_input", message, errors=[FieldError("body", message)])
    return value


def _unique_names(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        raise _RefusedJson("a name appears twice in one object.")
    return members


def _refuse_deep(value: Any) -> None:
    """Refuse deep nesting. The depth that Python's own parser allows differs between versions."""
    level = [value]
    for _ in range(DEEPEST_JSON):
        level = [inner for outer in level for inner in _members(outer)]
    if level:
        raise _RefusedJson("it is nested too deeply.")


def _members(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def _no_constant(name: str) -> NoReturn:
    raise _RefusedJson(f"{name} isn't a JSON number.")


class _RefusedJson(ValueError):
    """JSON that Python's parser accepts and this one refuses."""


def _why(error: Exception) -> str:
    if isinstance(error, _RefusedJson):
        return str(error)
    if isinstance(error, json.JSONDecodeError):
        return f"line {error.lineno}, column {error.colno}."
    if isinstance(error, UnicodeError):
        return "it isn't UTF-8."
    return "it is nested too deeply, or has too long a number."
