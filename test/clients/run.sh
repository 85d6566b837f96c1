#!/usr/bin/env bash
# Installs the clients in Node.js and Python as users do, and runs their tests:
# the table of callers in their own languages, and the rest from Go. botocore is
# put into a virtual environment, once.
#
# Needs Go, Node.js 20 with npm, and Python 3.10 with venv.
set -euo pipefail
cd "$(dirname "$0")/../.."

# shellcheck source=test/venv.sh
source test/venv.sh
work=$(mktemp -d "${TMPDIR:-/tmp}/latchkey-clients.XXXXXX")
trap 'rm -rf "$work"' EXIT

# Both packages build, and hold what they need: the tests run what was built.
botocore=$(botocore)
cp -R clients/python "$work/source"
"$botocore/bin/pip" wheel --quiet --disable-pip-version-check --no-deps --no-build-isolation --wheel-dir "$work" "$work/source"
python3 -m venv --without-pip "$work/python"
export PYTHON=$work/python/bin/python
echo "$botocore"/lib/python*/site-packages > "$("$PYTHON" -c 'import site; print(site.getsitepackages()[0])')/botocore.pth"
"$botocore/bin/pip" --python "$PYTHON" install --quiet --disable-pip-version-check --no-deps "$work"/*.whl

npm ci --prefix examples/notes-node
npm run --prefix examples/notes-node check
export NODE_CLIENT=$work/node
mkdir "$NODE_CLIENT"
cp -R examples/notes-node/node_modules test/clients/*.mjs "$NODE_CLIENT"
rm -rf "$NODE_CLIENT"/node_modules/@latchkey-auth/backend/*
(cd clients/node && npm pack --silent --pack-destination "$work")
tar -xzf "$work"/*.tgz --strip-components 1 -C "$NODE_CLIENT/node_modules/@latchkey-auth/backend"

export CALLERS=$PWD/authorizer/testdata/callers.json
node --test "$NODE_CLIENT/callers.test.mjs"
"$PYTHON" test/clients/test_callers.py
go test -count=1 -tags clients ./test/clients
