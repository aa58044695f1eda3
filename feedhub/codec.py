"""The model's values as JSON and back, for the store and for what processes send each other."""

from __future__ import annotations

from datetime import datetime
from typing import Any, TypeVar

from msgspec import DecodeError, Struct
from msgspec.json import Decoder, Encoder

T = TypeVar("T", bound=Struct)


def _builtin(value: object) -> str | float | datetime:
    """Return what is of a kind derived from one of Python's own, as libraries make them, as one of these."""
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, datetime):
        day, clock = (value.year, value.month, value.day), (value.hour, value.minute, value.second, value.microsecond)
        return datetime(*day, *clock, tzinfo=value.tzinfo, fold=value.fold)
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return float(value)
    raise TypeError(f"no value of the model: {value!r}"[:200])


#: sets are written in one order, so that equal values are written alike
_ENCODER = Encoder(enc_hook=_builtin, order="deterministic")
_decoders: dict[type[Struct], Decoder[Any]] = {}


def dump(value: Struct) -> str:
    """Write a struct as JSON; one of `omit_defaults` leaves out the fields that have their default.

    Raises UnicodeEncodeError where a text holds half of a surrogate pair.
    """
    return _ENCODER.encode(value).decode()


def load(kind: type[T], text: str | bytes) -> T:
    """Read the struct that `dump` wrote; raises ValueError if the text is none of its kind."""
    decoder = _decoders.get(kind)
    if decoder is None:
        decoder = _decoders[kind] = Decoder(kind)
    try:
        value: T = decoder.decode(text)
    except (DecodeError, RecursionError) as error:
        raise ValueError(f"no {kind.__name__}: {error}") from error
    return value
