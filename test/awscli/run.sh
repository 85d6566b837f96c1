#!/usr/bin/env bash
# Calls the local run with the AWS CLI, with curl --aws-sigv4 and with the
# SDK's own signer, and runs the commands of docs/operations.md. The CLI and
# moto are put into virtual environments, once.
#
# Needs Go, curl from 7.75, and Python 3.10 with venv.
set -euo pipefail
cd "$(dirname "$0")/../.."

# shellcheck source=test/venv.sh
source test/venv.sh
aws=$(venv awscli-1.46.3 awscli==1.46.3)/bin/aws
python=$(venv moto-5.2.1-sam-1.115.0 'moto[server]==5.2.1' aws-sam-translator==1.115.0)/bin/python

AWSCLI=$aws MOTO=$python exec go test -count=1 -v -tags awscli ./test/awscli
