#!/usr/bin/env bash
# Fuzzes every target of the module, one after the other, for FUZZTIME each, and
# says how much was tried. An input that is found to fail is in the testdata of
# its package then, and every later run of the tests tries it first.
set -uo pipefail
cd "$(dirname "$0")/.."
time=${FUZZTIME:-10m}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

summary=()
failed=0

# fuzz PACKAGE TARGET BINARY: runs one target in its package's folder.
fuzz() {
  local out=$work/out status
  (cd "$1" && "$3" -test.run='^$' -test.fuzz="^$2\$" -test.fuzztime="$time" -test.fuzzcachedir="$work/corpus") >"$out" 2>&1
  status=$?
  # Before Go 1.27 the end of the time itself may count as a failure, which
  # comes without an input: https://go.dev/issue/75804.
  if ((status)) && grep -q 'context deadline exceeded' "$out" && ! grep -qE 'Failing input|panic|terminated' "$out"; then
    status=0
  fi
  if ((status)); then
    cat "$out"
    summary+=("$1 $2: FAILED")
    failed=1
    return
  fi
  summary+=("$1 $2: $(sed -n 's/.*execs: \([0-9]*\).*/\1/p' "$out" | tail -1) tries, no finding")
}

for package in $(grep -rlE '^func Fuzz' --include='*_test.go' . | xargs -n1 dirname | sort -u); do
  binary=$work/$(tr -d ./ <<<"$package").test
  go test -c -fuzz=. -o "$binary" "$package" || exit
  for target in $(grep -hoE '^func Fuzz\w+' "$package"/*_test.go | cut -d' ' -f2); do
    fuzz "$package" "$target" "$binary"
  done
done

printf '%s\n' "Fuzzed for $time each:" "${summary[@]/#/  }"
exit "$failed"
