#!/usr/bin/env bash
# Deploys the stack without an account: sam build and sam deploy as README has
# them, against moto's server on this machine, twice; then reads everything
# back with the AWS CLI, and deletes the stack. What moto cannot show stands in
# LIMITS.md.
#
# Needs Go, and Python 3.10 with venv.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cd "$here/../.."

# shellcheck source=test/venv.sh
source test/venv.sh
sam=$(venv sam-cli-1.170.0 aws-sam-cli==1.170.0)/bin/sam
aws=$(venv awscli-1.46.3 awscli==1.46.3)/bin/aws
python=$(venv moto-5.2.1-sam-1.115.0 'moto[server]==5.2.1' aws-sam-translator==1.115.0)/bin/python

unset AWS_PROFILE AWS_SESSION_TOKEN
export AWS_CONFIG_FILE=/dev/null AWS_SHARED_CREDENTIALS_FILE=/dev/null AWS_EC2_METADATA_DISABLED=true
export AWS_ACCESS_KEY_ID=nobody AWS_SECRET_ACCESS_KEY=nothing AWS_REGION=us-east-1 AWS_DEFAULT_REGION=us-east-1
export SAM_CLI_TELEMETRY=0 SAM_CLI_CHECK_FOR_UPDATES=0 PYTHONDONTWRITEBYTECODE=1

work=$(mktemp -d "${TMPDIR:-/tmp}/latchkey-deploy.XXXXXX")
cloud=
finish() {
  [[ -z $cloud ]] || kill "$cloud" 2>/dev/null || true
  rm -rf "$work"
}
trap finish EXIT

# start_cloud runs moto's server on a free port. Its host has to be written
# localhost: by 127.0.0.1 moto does not find the template's bucket.
start_cloud() {
  local port
  port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
  (cd "$here" && exec "$python" -m cloud.server "$port") >"$work/cloud.log" 2>&1 &
  cloud=$!
  export AWS_ENDPOINT_URL=http://localhost:$port
  for _ in {1..300}; do
    kill -0 "$cloud" 2>/dev/null || { cat "$work/cloud.log" >&2; return 1; }
    (: <"/dev/tcp/127.0.0.1/$port") 2>/dev/null && return
    sleep 0.2
  done
  echo "moto's server does not listen after a minute" >&2
  return 1
}

# Built in a folder of its own: .aws-sam may hold what is to be deployed.
"$sam" build --build-dir "$work/build"
start_cloud

# The bucket is made here, since SAM makes its own by a stack that moto's S3
# does not find again.
"$aws" s3 mb s3://latchkey-artifacts
# The real stack sends mails, the development stack does not.
sed 's/^resolve_s3 = true$/s3_bucket = "latchkey-artifacts"/
  s|AllowedOrigins=https://app.example.com|& MailFrom=no-reply@example.com WebsiteDomain=https://app.example.com|' \
  samconfig.toml >"$work/samconfig.toml"

SAM=$sam AWSCLI=$aws DEPLOY_BUILD=$work/build DEPLOY_CONFIG=$work/samconfig.toml \
  go test -count=1 -v -timeout 30m -tags deploy ./test/deploy || { tail -n 40 "$work/cloud.log" >&2; exit 1; }
