"""A Latchkey session in the hands of a backend."""

from .admin import Admin, Versioned
from .caller import Caller, caller_from, optional_caller_from
from .claims import (
    Validator,
    equals,
    excludes,
    excludes_all,
    func,
    includes,
    includes_all,
    includes_any,
    is_false,
    is_true,
)
from .errors import AdminError, CallerError, ClaimsError
from .latchkey import Latchkey
from .session import Session

__all__ = [
    "Admin", "AdminError", "Caller", "CallerError", "ClaimsError", "Latchkey", "Session", "Validator", "Versioned",
    "caller_from", "equals", "excludes", "excludes_all", "func", "includes", "includes_all", "includes_any",
    "is_false", "is_true", "optional_caller_from",
]
