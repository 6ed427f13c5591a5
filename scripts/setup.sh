# Sourced by the other scripts: a .venv that holds this package and the dependency groups named.
# Quick the second time: nothing is installed while pyproject.toml stays as it was.

cd "$(dirname "$0")/.."

fail() {
  echo "$1" >&2
  exit 1
}

find_python() {
  for name in python3 python3.13 python3.12 python3.11; do
    if "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      echo "$name"
      return
    fi
  done
  fail "Python 3.11 or newer is needed; none is on the PATH."
}

# setup GROUP...
setup() {
  stamp=".venv/.installed-$(echo "$*" | tr ' ' '-')"
  state=$(cksum pyproject.toml)
  if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$state" ]; then
    return
  fi
  groups=""
  for group in "$@"; do
    groups="$groups --group $group"
  done
  # shellcheck disable=SC2086  # the groups are words
  if command -v uv >/dev/null 2>&1; then
    [ -x .venv/bin/python ] || uv venv --quiet --python "$(find_python)" .venv
    uv pip install --quiet --python .venv/bin/python --editable . $groups
  else
    [ -x .venv/bin/python ] || "$(find_python)" -m venv .venv
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --upgrade 'pip>=25.1'
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --editable . $groups
  fi
  echo "$state" >"$stamp"
}

# on_machine COMMAND...: whether one of the commands is there
on_machine() {
  for name in "$@"; do
    if PATH="$PATH:/usr/sbin" command -v "$name" >/dev/null 2>&1; then
      return 0
    fi
  done
  return 1
}

# need_postgres: its programs are in a folder of their own, off the PATH
need_postgres() {
  for program in /usr/lib/postgresql/*/bin/initdb; do
    [ -x "$program" ] && return
  done
  need postgresql initdb
}

# prefer PACKAGE: what is quicker where it can be had, and can be done without
prefer() {
  if ! on_machine "$1" && [ "$(id -u)" = 0 ] && on_machine apt-get; then
    apt-get update -qq >/dev/null 2>&1 && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "$1" >/dev/null 2>&1 || true
  fi
}

# need PACKAGE COMMAND...: use what is on the machine, else install Debian's PACKAGE
need() {
  package=$1
  shift
  if on_machine "$@"; then
    return
  fi
  if [ "$(id -u)" = 0 ] && on_machine apt-get; then
    apt-get update -qq >/dev/null && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "$package" >/dev/null && return
  fi
  message="$1 is missing: install it (Debian: apt-get install $package)"
  [ "${CI:-}" = true ] && fail "$message."
  echo "$message; the tests that need it are skipped." >&2
}
