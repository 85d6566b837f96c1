# shellcheck shell=bash
# venv NAME REQUIREMENT…: prints the folder of a virtual environment that has
# the pinned requirements, and makes it if this machine has none of that NAME.
venv() {
  local dir=${XDG_CACHE_HOME:-$HOME/.cache}/latchkey/$1
  shift
  if [[ ! -e $dir/complete ]]; then
    echo "installing $* into $dir" >&2
    rm -rf "$dir"
    python3 -m venv "$dir" || { echo "this needs Python 3.10 with venv: apt-get install python3-venv" >&2; return 1; }
    "$dir/bin/pip" install --quiet --disable-pip-version-check "$@" >&2
    touch "$dir/complete"
  fi
  echo "$dir"
}

# botocore prints the folder of the one that has what clients/python is made of.
botocore() { venv botocore-1.44.8-setuptools-82.0.1 botocore==1.44.8 setuptools==82.0.1 wheel==0.48.0; }
