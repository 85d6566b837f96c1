"""Serves the function on this machine as Lambda's Invoke API does.

An event comes in by POST, the answer goes out. For the local run's flag -invoke.

    python3 serve.py PORT
"""

import json
import sys
import traceback
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from app import handler


class Invoke(BaseHTTPRequestHandler):
    """Invokes the handler once for each POST."""

    def do_POST(self):
        event = self.rfile.read(int(self.headers["content-length"]))
        self.send_response(200)
        try:
            answer = handler(json.loads(event), None)
        except Exception as error:
            traceback.print_exc()
            self.send_header("X-Amz-Function-Error", "Unhandled")
            answer = {"errorMessage": str(error), "errorType": type(error).__name__}
        self.end_headers()
        self.wfile.write(json.dumps(answer).encode())

    def log_message(self, *_):
        """Say nothing of requests; the local run does."""


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Invoke)
    print(f"Serving on http://127.0.0.1:{server.server_port}", flush=True)
    server.serve_forever()
