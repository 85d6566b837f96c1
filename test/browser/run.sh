#!/usr/bin/env bash
# Runs SuperTokens' clients in a headless Chromium, with backends in Go, Node.js
# and Python behind the page. botocore is put into a virtual environment, once.
#
# Needs Go, Node.js 20 with npm, Python 3.10 with venv, and Chromium.
set -euo pipefail
cd "$(dirname "$0")/../.."

# shellcheck source=test/venv.sh
source test/venv.sh
python=$(botocore)/bin/python
npm ci --prefix test/browser --no-audit --no-fund
npm ci --prefix examples/notes-node --no-audit --no-fund
PYTHON=$python PYTHONPATH=clients/python/src exec go run ./test/dynamolocal/run -- npm --prefix test/browser test
