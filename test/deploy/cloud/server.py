"""Runs moto's server on the given port, with what this project's deployment
asks of it beyond what moto has: see the other files here."""

import sys

from cloud import conditions, outputs, resources, transform
from moto.server import main

if __name__ == "__main__":
    transform.install()
    conditions.install()
    resources.install()
    outputs.install()
    main(["-H", "127.0.0.1", "-p", sys.argv[1]])
