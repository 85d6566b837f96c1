#!/usr/bin/env bash
# Runs every part of the tests and says in its last lines what came of each, and
# which did not run and why. Each part prints its own runner's closing lines.
#
# What docs/development.md names under Testing must be there: a part that cannot
# run is a failure, Terraform's excepted, and with SKIP_SAM=1 SAM's, on a machine
# where no Docker engine can be had.
set -uo pipefail
cd "$(dirname "$0")/.."

summary=()
failed=0

# part NAME WHAT-IS-MISSING COMMAND…: runs a part unless something is missing.
# A command that ends with 77 says that it could not run.
part() {
  local name=$1 missing=$2
  shift 2
  if [[ -n $missing ]]; then
    omit "$name" "$missing"
    return
  fi
  echo "==> $name"
  local status=0
  "$@" || status=$?
  case $status in
  0) summary+=("$name: passed") ;;
  77) omit "$name" "as its last line above says" ;;
  *)
    summary+=("$name: FAILED")
    failed=1
    ;;
  esac
}

# omit NAME WHY: notes a part that does not run.
omit() {
  if [[ $1 == terraform || $1 == sam && ${SKIP_SAM:-} == 1 ]]; then
    summary+=("$1: not run, $2")
    return
  fi
  summary+=("$1: NOT RUN, $2")
  failed=1
}

# lacks COMMAND=PACKAGE…: the first command that is not here, and what Debian
# calls the package.
lacks() {
  local each
  for each in "$@"; do
    command -v "${each%%=*}" >/dev/null || { echo "${each%%=*} is not installed (Debian: ${each#*=})"; return; }
  done
}

lacks_engine() {
  command -v docker >/dev/null && docker version >/dev/null 2>&1 || lacks java=openjdk-17-jre-headless mvn=maven
}

lacks_node() { lacks node=nodejs npm=npm; }

lacks_browser() {
  [[ -z $(lacks_clients) ]] || { lacks_clients; return; }
  [[ -n ${CHROMIUM:-} ]] || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null ||
    lacks chromium=chromium
}

lacks_python() {
  python3 -c 'import ensurepip, sys; sys.exit(sys.version_info < (3, 10))' 2>/dev/null ||
    echo "there is no Python 3.10 with venv (Debian: python3-venv)"
}

lacks_awscli() {
  [[ -z $(lacks curl=curl) ]] || { lacks curl=curl; return; }
  lacks_python
}

lacks_clients() {
  [[ -z $(lacks_node) ]] || { lacks_node; return; }
  lacks_python
}

lacks_sam() {
  [[ -z $(lacks_python) ]] || { lacks_python; return; }
  docker version >/dev/null 2>&1 && return
  [[ $EUID == 0 ]] && command -v dockerd >/dev/null && command -v iptables >/dev/null && return
  echo "no Docker engine answers, and none can be started (Debian: docker.io, iptables)"
}

part browser "$(lacks_browser)" make --no-print-directory test-browser
part awscli "$(lacks_awscli)" make --no-print-directory test-awscli
part clients "$(lacks_clients)" make --no-print-directory test-clients
part sam "$(lacks_sam)" ./test/sam/run.sh
part deploy "$(lacks_python)" make --no-print-directory test-deploy
part cdk "$(lacks_node)" make --no-print-directory test-cdk
part terraform "$(command -v terraform >/dev/null || echo "terraform is not installed")" make --no-print-directory test-terraform
part go "$(lacks_engine)" make --no-print-directory test-units
part fuzz "" make --no-print-directory fuzz FUZZTIME="${FUZZTIME:-2s}"

echo
printf '%s\n' "The parts of this run:" "${summary[@]/#/  }"
exit "$failed"
