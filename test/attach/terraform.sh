#!/usr/bin/env bash
# Validates the Terraform of examples/attach with the AWS provider.
#
# Needs Terraform 1.5, and the provider: from TERRAFORM_MIRROR or another
# folder of this machine that mirrors the registry, else from the registry.
set -euo pipefail
cd "$(dirname "$0")/../.."

work=$(mktemp -d "${TMPDIR:-/tmp}/latchkey-terraform.XXXXXX")
trap 'rm -rf "$work"' EXIT
cp examples/attach/terraform/*.tf "$work"

mirror=()
for folder in "${TERRAFORM_MIRROR:-}" /opt/*; do
  [[ -z $folder || ! -d $folder/registry.terraform.io/hashicorp/aws ]] || { mirror=(-plugin-dir="$folder"); break; }
done

export CHECKPOINT_DISABLE=1
unset TF_CLI_CONFIG_FILE # may name a file that is no longer there
terraform fmt -check -diff "$work"
terraform -chdir="$work" init -backend=false -input=false -no-color "${mirror[@]}" >"$work/init.log" || { cat "$work/init.log"; exit 1; }
terraform -chdir="$work" validate -no-color
