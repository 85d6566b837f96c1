#!/usr/bin/env bash
# Runs the packages whose tests have a long size in that size, and ends with a
# table: each test that reports, how it ended, how long it took, what it found.
set -uo pipefail
cd "$(dirname "$0")/.."
log=$(mktemp)
trap 'rm -f "$log"' EXIT

packages=$(grep -rlF 'latchkey/test/proof"' --include='*_test.go' . | xargs -n1 dirname | sort -u)
PROOF=1 go test -race -shuffle=on -tags dynamodb -count=1 -p 1 -timeout 2h -v $packages | tee "$log" | grep -v '^=== '
status=${PIPESTATUS[0]}

echo
# go test -v: "=== ATTR  TEST proof WHAT: FIGURE", and later "--- PASS: TEST (1.00s)".
awk '
  function known(test) { if (!(test in found)) { order[++n] = test; found[test] = "" } }
  $1 == "===" && $2 == "ATTR" && $4 == "proof" {
    test = $3
    known(test)
    sub(/^=== ATTR +[^ ]+ proof /, "")
    found[test] = found[test] (found[test] ? "; " : "") $0
  }
  $1 == "---" && ($2 == "FAIL:" || $3 in found) { known($3); ended[$3] = tolower(substr($2, 1, 4)) " " $4 }
  END {
    print "What was proven, how it ended, and how long it took:"
    for (i = 1; i <= n; i++) printf "  %-32s %-16s %s\n", order[i], ended[order[i]], found[order[i]]
  }
' "$log"
exit "$status"
