"""JSON as strict as the authorizer's."""

from __future__ import annotations

import json
import math
from typing import Any


def parse_exact(text: str) -> Any:
    """Read a text, in which no name may stand twice in an object and no number be
    too large. Raises ValueError."""
    try:
        value = json.loads(text, object_pairs_hook=_object, parse_constant=_refuse, parse_float=_float)
        json.dumps(value, ensure_ascii=False).encode()  # fails on half of a surrogate pair
    except RecursionError as error:
        raise ValueError("too deep") from error
    return value


def _object(members: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(members)
    if len(value) != len(members):
        raise ValueError("a name stands twice in an object")
    return value


def _float(digits: str) -> float:
    value = float(digits)
    if not math.isfinite(value):
        raise ValueError("a number is too large")
    return value


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is no JSON")


def text(value: Any) -> str:
    """Write JSON without spaces."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
