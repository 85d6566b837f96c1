#!/usr/bin/env bash
# Runs every function the way SAM CLI does, in containers: sam validate (of the
# templates in examples/attach as well, which are also translated), sam build,
# sam local invoke with the files of events/, and sam local start-api from
# sign-up to a refused POST. What SAM does otherwise than AWS stands in
# docs/sam.md.
#
# Needs Go, Python 3.10 with venv, Java and Maven for DynamoDB Local, and a
# Docker engine; where none answers, one is started for the run. With
# SKIP_SAM=1, status 77 instead of 1 says that no engine can be had.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cd "$here/../.."

# SAM asks AWS who it is when it finds credentials, and waits for the answer;
# without any it hands the functions a fixed pair.
unset AWS_PROFILE AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN
export AWS_CONFIG_FILE=/dev/null AWS_SHARED_CREDENTIALS_FILE=/dev/null
export AWS_EC2_METADATA_DISABLED=true AWS_REGION=us-east-1 AWS_DEFAULT_REGION=us-east-1
export SAM_CLI_TELEMETRY=0 SAM_CLI_CHECK_FOR_UPDATES=0

GOARCH=$(go env GOHOSTARCH)
export GOARCH
case $GOARCH in
amd64) arch=x86_64 ;;
arm64) arch=arm64 ;;
*) echo "SAM has no Lambda image for $GOARCH" >&2; exit 1 ;;
esac

work=$(mktemp -d "${TMPDIR:-/tmp}/latchkey-sam.XXXXXX")

# shellcheck source=test/venv.sh
source test/venv.sh
# shellcheck source=test/sam/engine.sh
source "$here/engine.sh"
# shellcheck source=test/sam/image.sh
source "$here/image.sh"

finish() {
  stop_engine
  rm -rf "$work"
}
trap finish EXIT

SAM=$(venv sam-cli-1.170.0 aws-sam-cli==1.170.0)/bin/sam
"$SAM" validate --lint
for example in examples/attach/*/template.yaml; do
  "$SAM" validate --lint --template "$example"
done
"${SAM%/sam}/python" "$here/attach.py" examples/attach/*/template.yaml

start_engine "$work/engine" || {
  [[ ${SKIP_SAM:-} == 1 ]] || { echo "SAM: FAILED, no Docker engine: $engine_fault (SKIP_SAM=1 passes without)"; exit 1; }
  echo "SAM: did not run, no Docker engine: $engine_fault (SKIP_SAM=1)"
  exit 77
}
find_image "$arch"

# Built in a folder of its own: .aws-sam may hold what is to be deployed.
"$SAM" build --parallel --build-dir "$work/build" --parameter-overrides "Architecture=$arch"

# SAM cannot resolve the alias that the API's authorizer names, and would leave
# the routes without one.
sed 's/Ref: AuthorizerFunction\.Alias$/Fn::GetAtt: [AuthorizerFunction, Arn]/' \
  "$work/build/template.yaml" >"$work/build/local.yaml"

# Tokens live for a day at most, so the event files are signed anew.
cp -R events "$work/events"
go run ./events/generate -dir "$work/events"

export SAM SAM_TEMPLATE=$work/build/local.yaml SAM_EVENTS=$work/events
export SAM_FLAGS="--skip-pull-image $image_flags --parameter-overrides Architecture=$arch --add-host host.docker.internal:host-gateway"
go run ./test/dynamolocal/run -- go test -count=1 -v -timeout 20m -tags sam ./test/sam
