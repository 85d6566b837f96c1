#!/usr/bin/env bash
# Calls the local run with the AWS CLI, with curl --aws-sigv4 and with the
# SDK's own signer. The CLI is put into a virtual environment, once.
#
# Needs Go, curl from 7.75, and Python 3.10 with venv.
set -euo pipefail
cd "$(dirname "$0")/../.."

readonly AWSCLI_VERSION=1.46.3
readonly CACHE=${XDG_CACHE_HOME:-$HOME/.cache}/latchkey
readonly venv=$CACHE/awscli-$AWSCLI_VERSION

if [[ ! -e $venv/complete ]]; then
  echo "installing AWS CLI $AWSCLI_VERSION into $venv"
  rm -rf "$venv"
  python3 -m venv "$venv" || { echo "make test-awscli needs Python 3.10 with venv: apt-get install python3-venv" >&2; exit 1; }
  "$venv/bin/pip" install --quiet --disable-pip-version-check "awscli==$AWSCLI_VERSION"
  touch "$venv/complete"
fi

AWSCLI=$venv/bin/aws exec go test -count=1 -v -tags awscli ./test/awscli
