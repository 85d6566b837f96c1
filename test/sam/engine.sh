# shellcheck shell=bash disable=SC2034,SC2154
# A Docker engine for the run: the one that answers, or one of our own.
# Sourced by run.sh.

engine_pid=
engine_fault=

# start_engine DIR: makes `docker` work. An engine it starts keeps everything
# it stores in DIR and listens nowhere but there. Fails with engine_fault set.
start_engine() {
  local dir=$1
  engine_fault=
  command -v docker >/dev/null || { engine_fault="no docker command; apt-get install docker.io iptables"; return 1; }
  docker version >/dev/null 2>&1 && return
  engine_missing || return 1

  mkdir -p "$dir"
  export DOCKER_HOST=unix://$dir/docker.sock
  dockerd --host "$DOCKER_HOST" --data-root "$dir/data" --exec-root "$dir/exec" \
    --pidfile "$dir/pid" >"$dir/log" 2>&1 &
  engine_pid=$!
  wait_for_engine "$dir/log"
}

# engine_missing names what an engine of our own would lack.
engine_missing() {
  local missing=()
  command -v dockerd >/dev/null || missing+=(docker.io)
  command -v iptables >/dev/null || missing+=(iptables)
  if ((${#missing[@]})); then
    engine_fault="none answers and none can be started; apt-get install ${missing[*]}"
    return 1
  fi
  if ((EUID != 0)); then
    engine_fault="none answers, and starting dockerd takes root"
    return 1
  fi
}

# wait_for_engine LOG: until it answers, ends, or 60 seconds are over.
wait_for_engine() {
  local deadline=$((SECONDS + 60))
  until docker version >/dev/null 2>&1; do
    if ! kill -0 "$engine_pid" 2>/dev/null || ((SECONDS > deadline)); then
      tail -n 5 "$1" >&2
      engine_fault="dockerd does not start: $(grep -v level=info "$1" | tail -n 1)"
      return 1
    fi
    sleep 0.2
  done
}

# stop_engine ends the engine of our own, if there is one.
stop_engine() {
  [[ -n $engine_pid ]] || return 0
  kill "$engine_pid" 2>/dev/null || true
  wait "$engine_pid" 2>/dev/null || true
}
