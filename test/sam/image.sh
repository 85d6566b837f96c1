# shellcheck shell=bash disable=SC2034,SC2154
# The image that functions run in. Sourced by run.sh.

image_flags=

# find_image ARCH: AWS's image for provided.al2023, when it is here or can be
# had from its registry; else a small one of our own, which holds no more than
# the Lambda runtime emulator that comes with SAM CLI. Our binaries are static
# and ask no more of it. Sets image_flags.
find_image() {
  local aws=public.ecr.aws/lambda/provided:al2023-$1
  if docker image inspect "$aws" >/dev/null 2>&1 || timeout 300 docker pull -q "$aws" 2>/dev/null; then
    return
  fi
  echo "$aws cannot be had: running in an image of the emulator alone"
  make_image "$1" latchkey-sam
  image_flags="--invoke-image latchkey-sam"
}

# make_image ARCH NAME: makes NAME:rapid-ARCH, which is where SAM looks for the
# image it would otherwise build from NAME.
make_image() {
  local root=$work/image emulator
  emulator=$("${SAM%/sam}/python" -c 'import samcli, pathlib; print(pathlib.Path(samcli.__file__).parent)')
  mkdir -p "$root/var/rapid" "$root/tmp"
  install -m 755 "$emulator/local/rapid/aws-lambda-rie-$1" "$root/var/rapid/aws-lambda-rie"
  tar -C "$root" -c . | docker import - "$2:rapid-$1" >/dev/null
}
