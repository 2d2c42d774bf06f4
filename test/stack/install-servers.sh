#!/usr/bin/env bash
# Makes sure that Redis and RabbitMQ are there: the user's own, from the PATH, or else from apt, brew or Docker. Nothing is left
# running or enabled.
set -eu
# Looks where server-command.ts looks.
has() { PATH="${SERVERS_PATH-/usr/lib/rabbitmq/bin:$PATH}" command -v "$1" >/dev/null; }
missing=()
[ -n "${REDIS_URL:-}" ] || has redis-server || missing+=(redis)
[ -n "${RABBITMQ_URL:-}" ] || has rabbitmq-server || missing+=(rabbitmq)
[ ${#missing[@]} -eq 0 ] && exit 0

# Where SERVERS_PATH says what is there, nothing is installed.
installs_with() { [ -z "${SERVERS_PATH+set}" ] && command -v "$1" >/dev/null; }
if installs_with brew; then
  echo "installing with brew: ${missing[*]}"
  exec brew install "${missing[@]}"
fi
packages=("${missing[@]/%/-server}")
install="apt-get install -y --no-install-recommends ${packages[*]}"
if ! installs_with apt-get; then
  if [ "$(uname -s)" != Linux ] || ! timeout 20 docker version >/dev/null 2>&1; then
    echo "please install ${missing[*]}; or, on Linux, a Docker that you can use (docker version tells);" \
      "or set REDIS_URL and RABBITMQ_URL to servers of your own" >&2
    exit 1
  fi
  echo "using Docker for: ${missing[*]}"
  for image in $(printf '%s\n' "${missing[@]}" | sed 's/^redis$/redis:8/; s/^rabbitmq$/rabbitmq:4-management/'); do
    docker image inspect "$image" >/dev/null 2>&1 || { echo "pulling $image"; docker pull --quiet "$image" >/dev/null; }
  done
  exit 0
fi
sudo=""
if [ "$(id -u)" != 0 ]; then
  sudo -n true 2>/dev/null || { echo "please run: sudo $install" >&2; exit 1; }
  sudo="sudo -n"
fi
echo "installing with apt: ${packages[*]}"
policy=/usr/sbin/policy-rc.d
if [ ! -e $policy ]; then # keeps apt from starting what it installs
  printf '#!/bin/sh\nexit 101\n' | $sudo tee $policy >/dev/null; $sudo chmod +x $policy
  trap '$sudo rm -f $policy' EXIT
fi
$sudo apt-get update -qq || true
DEBIAN_FRONTEND=noninteractive $sudo $install >/dev/null
if [ -d /run/systemd/system ]; then $sudo systemctl disable --now "${packages[@]}" >/dev/null 2>&1 || true; fi
