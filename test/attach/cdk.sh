#!/usr/bin/env bash
# Synthesizes the CDK app of examples/attach by running it, and has the
# template checked; then once more with a cache on, which must be found.
#
# Needs Go, Node.js 20 and npm.
set -euo pipefail
cd "$(dirname "$0")/../.."

work=$(mktemp -d "${TMPDIR:-/tmp}/latchkey-cdk.XXXXXX")
trap 'rm -rf "$work"' EXIT

# Elsewhere, so that the packages are no part of the source.
cp -R examples/attach/cdk "$work/app"
npm --prefix "$work/app" ci --no-audit --no-fund
npm --prefix "$work/app" run check

# check NAME: synthesizes the app to NAME and checks what comes out.
check() {
  CDK_OUTDIR=$work/$1 npm --prefix "$work/app" run synth
  go run ./cmd/checktemplate "$work/$1/Shop.template.json"
}

check shipped
sed -i.before '/resultsCacheTtl/d' "$work/app/shop.ts"
if found=$(check cached) || ! grep -q 'authorizer-' <<<"$found"; then
  echo "the app with a cache of decisions passed the check" >&2
  exit 1
fi
echo "CDK: the app synthesizes, its template is clean, and a cache is found"
