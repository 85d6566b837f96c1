#!/usr/bin/env bash
# Runs every part of the tests whose tools this machine has, and says in its
# last lines which parts ran. Each part prints its own runner's closing lines.
#
# With REQUIRE_ALL=1 a part that cannot run is a failure, Terraform's excepted,
# and with SKIP_SAM=1 SAM's, on a machine where no Docker engine can be had.
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
    summary+=("$name: not run, $missing")
    [[ -z ${REQUIRE_ALL:-} ]] || failed=1
    return
  fi
  echo "==> $name"
  local status=0
  "$@" || status=$?
  case $status in
  0) summary+=("$name: passed") ;;
  77)
    summary+=("$name: not run, as its last line above says")
    [[ -z ${REQUIRE_ALL:-} ]] || failed=1
    ;;
  *)
    summary+=("$name: FAILED")
    failed=1
    ;;
  esac
}

# lacks COMMAND…: the first of them that is not here, in words.
lacks() {
  local command
  for command in "$@"; do
    command -v "$command" >/dev/null || { echo "$command is not installed"; return; }
  done
}

lacks_browser() {
  local missing
  missing=$(lacks node npm)
  [[ -z $missing ]] || { echo "$missing"; return; }
  [[ -n ${CHROMIUM:-} ]] || command -v chromium >/dev/null || command -v chromium-browser >/dev/null ||
    command -v google-chrome >/dev/null || echo "no Chromium is installed (Debian: chromium)"
}

lacks_sam() {
  local missing
  missing=$(lacks python3 docker)
  [[ -z $missing ]] || { echo "$missing"; return; }
  docker version >/dev/null 2>&1 && return
  [[ $EUID == 0 ]] && command -v dockerd >/dev/null && command -v iptables >/dev/null && return
  echo "no Docker engine answers, and none can be started (Debian: docker.io, iptables)"
}

lacks_deploy() {
  local missing
  missing=$(lacks python3)
  [[ -z $missing ]] || { echo "$missing"; return; }
  python3 -c 'import ensurepip, sys; sys.exit(sys.version_info < (3, 10))' 2>/dev/null ||
    echo "Python is older than 3.10 or has no venv (Debian: python3-venv)"
}

part browser "$(lacks_browser)" make --no-print-directory test-browser
part awscli "$(lacks python3 curl)" make --no-print-directory test-awscli
REQUIRE_ALL=$([[ ${SKIP_SAM:-} == 1 ]] || echo "${REQUIRE_ALL:-}") part sam "$(lacks_sam)" ./test/sam/run.sh
part deploy "$(lacks_deploy)" make --no-print-directory test-deploy
part cdk "$(lacks node npm)" make --no-print-directory test-cdk
# Debian has no Terraform, so no machine must have it.
REQUIRE_ALL='' part terraform "$(lacks terraform)" make --no-print-directory test-terraform
part go "" make --no-print-directory test-units
part fuzz "" make --no-print-directory fuzz FUZZTIME="${FUZZTIME:-2s}"

echo
printf '%s\n' "The parts of this run:" "${summary[@]/#/  }"
exit "$failed"
