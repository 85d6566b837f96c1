"""Makes calls of the admin API with the Python client.

A call a line comes in, what came of it goes out.
"""

import json
import re
import sys

from latchkey_auth import Admin, AdminError, Versioned

admin = Admin()


def made(call):
    kwargs = {re.sub("[A-Z]", lambda c: "_" + c[0].lower(), name): v for name, v in call.get("kwargs", {}).items()}
    if "except" in kwargs:
        kwargs["except_"] = kwargs.pop("except")
    try:
        result = getattr(admin, call["python"])(*call.get("args", []), **kwargs)
    except AdminError as error:
        return {"error": {"status": error.status, "code": error.code, "detail": error.detail}}
    except ValueError as error:
        return {"error": {"detail": str(error)}}
    return {"result": result._asdict() if isinstance(result, Versioned) else result}


for line in sys.stdin:
    print(json.dumps(made(json.loads(line))), flush=True)
