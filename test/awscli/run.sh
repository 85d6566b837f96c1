#!/usr/bin/env bash
# Calls the local run with the AWS CLI, with curl --aws-sigv4 and with the
# SDK's own signer. The CLI is put into a virtual environment, once.
#
# Needs Go, curl from 7.75, and Python 3.10 with venv.
set -euo pipefail
cd "$(dirname "$0")/../.."

# shellcheck source=test/venv.sh
source test/venv.sh
aws=$(venv awscli-1.46.3 awscli==1.46.3)/bin/aws

AWSCLI=$aws exec go test -count=1 -v -tags awscli ./test/awscli
