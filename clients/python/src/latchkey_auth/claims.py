"""Conditions on a caller's claims, which have FDI's form.

That is {"v": value, "t": time of setting in ms}. A claim that is missing or of
another type fails every validator. Values are compared by type and value.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from .errors import ClaimsError
from .exact import text


@dataclass(frozen=True)
class Validator:
    """One condition, as the functions of this module make it."""

    _id: str
    _claim: str = ""
    _operator: str = ""
    _expected: Any = None
    _want: tuple[str, ...] = ()
    _own: Callable[[Any], bool | Mapping[str, Any]] | None = None
    _max_age: float | None = None
    _tenants: tuple[str, ...] | None = None

    def max_age(self, seconds: float) -> Validator:
        """Fail also if the claim was set longer than so many seconds ago."""
        if self._own or not seconds >= 0:
            raise ValueError("latchkey: an age needs a claim, and is a number of seconds")
        return replace(self, _max_age=seconds)

    def named(self, id: str) -> Validator:
        """Give failures that id, in place of the claim's name."""
        return replace(self, _id=_name(id))

    def for_tenants(self, *tenants: str) -> Validator:
        """Ask callers of these tenants only."""
        if not tenants:
            raise ValueError("latchkey: a validator for no tenant")
        return replace(self, _tenants=tuple(map(_name, tenants)))

    def failure(self, caller: Any, claims: Mapping[str, Any], now: float) -> dict[str, Any] | None:
        """Return the failure of the caller, or None."""
        if self._tenants is not None and caller.tenant not in self._tenants:
            return None
        if self._own is None:
            reason = self._reason(claims, now)
            return reason and {"id": self._id, "reason": reason}
        verdict = self._own(caller)
        if verdict is True:
            return None
        return {"id": self._id, "reason": dict(verdict)} if isinstance(verdict, Mapping) else {"id": self._id}

    def _reason(self, claims: Mapping[str, Any], now: float) -> dict[str, Any] | None:
        claim = claims.get(self._claim)
        time = claim.get("t") if isinstance(claim, dict) else None
        if not isinstance(claim, dict) or "v" not in claim or type(time) not in (int, float, type(None)):
            return {"message": "value does not exist", self._expectation(missing=True): self._expected}
        age = (round(now * 1000) - (time or 0)) / 1000
        if self._max_age is not None and age > self._max_age:
            return {"message": "expired", "ageInSeconds": age, "maxAgeInSeconds": self._max_age}
        if not self._passes(claim["v"]):
            expectation = self._expectation(missing=False)
            return {"message": "wrong value", expectation: self._expected, "actualValue": claim["v"]}
        return None

    def _expectation(self, missing: bool) -> str:
        """Name what was wanted as FDI's libraries do, which frontends read."""
        if self._operator == "includes":
            return "expectedToInclude"
        if self._operator == "includes_any" and not missing:
            return "expectedToIncludeAtLeastOneOf"
        return "expectedValue" if self._operator == "equals" else "expectedToNotInclude"

    def _passes(self, value: Any) -> bool:
        if self._operator == "equals":
            return _canonical(value) == self._want[0]
        if not isinstance(value, list):
            return False
        elements = set(map(_canonical, value))
        found = sum(want in elements for want in self._want)
        if self._operator == "includes":
            return found == len(self._want)
        return found > 0 if self._operator == "includes_any" else found == 0


def is_true(claim: str) -> Validator:
    """Pass if the claim's value is true."""
    return equals(claim, True)


def is_false(claim: str) -> Validator:
    """Pass if the claim's value is false."""
    return equals(claim, False)


def equals(claim: str, value: str | float | bool) -> Validator:
    """Pass if the claim's value is the given string, number or boolean."""
    return _of_claim(claim, "equals", value, (value,))


def includes(claim: str, value: str | float | bool) -> Validator:
    """Pass if the claim's value is an array in which value is."""
    return _of_claim(claim, "includes", value, (value,))


def includes_all(claim: str, *values: str | float | bool) -> Validator:
    """Pass if the claim's value is an array in which all values are."""
    return _of_claim(claim, "includes", list(values), values)


def includes_any(claim: str, *values: str | float | bool) -> Validator:
    """Pass if the claim's value is an array in which one of the values is."""
    return _of_claim(claim, "includes_any", list(values), values)


def excludes(claim: str, value: str | float | bool) -> Validator:
    """Pass if the claim's value is an array in which value is not."""
    return _of_claim(claim, "excludes", value, (value,))


def excludes_all(claim: str, *values: str | float | bool) -> Validator:
    """Pass if the claim's value is an array in which none of the values is."""
    return _of_claim(claim, "excludes", list(values), values)


def func(id: str, valid: Callable[[Any], bool | Mapping[str, Any]]) -> Validator:
    """Pass if valid, which is asked about the caller, returns True itself.

    A mapping that it returns is the failure's reason; the frontend is told it.
    """
    if not callable(valid):
        raise TypeError("latchkey: a validator without a function")
    return Validator(_name(id), _own=valid)


def _of_claim(claim: str, operator: str, expected: Any, values: tuple[Any, ...]) -> Validator:
    if not values:
        raise ValueError("latchkey: a validator of no value")
    for value in values:
        if not isinstance(value, (str, bool, int, float)) or isinstance(value, float) and not math.isfinite(value):
            raise TypeError("latchkey: a claim is compared with strings, numbers and booleans")
    return Validator(_name(claim), claim, operator, expected, tuple(map(_canonical, values)))


def _name(name: str) -> str:
    if not isinstance(name, str) or not name:
        raise TypeError("latchkey: a name must be a text that is not empty")
    return name


def _canonical(value: Any) -> str:
    """Spell a value in the one way in which it can be compared."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e21:
        value = int(value)
    return text(value)


def require_claims(caller: Any, claims: Mapping[str, Any], now: float, validators: tuple[Validator, ...]) -> None:
    """Raise a ClaimsError that lists every validator that fails."""
    failures = [f for v in validators if (f := v.failure(caller, claims, now)) is not None]
    if failures:
        raise ClaimsError(failures, text({"message": "invalid claim", "claimValidationErrors": failures}))
