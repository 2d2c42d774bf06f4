#!/usr/bin/env bash
# Makes sure that Redis and RabbitMQ are there: from the PATH, else from apt or brew. Nothing is left running or enabled.
set -eu
missing=()
command -v redis-server >/dev/null || missing+=(redis)
[ -x /usr/lib/rabbitmq/bin/rabbitmq-server ] || command -v rabbitmq-server >/dev/null || missing+=(rabbitmq)
[ ${#missing[@]} -eq 0 ] && exit 0

if command -v brew >/dev/null; then
  echo "installing with brew: ${missing[*]}"
  exec brew install "${missing[@]}"
fi
packages=("${missing[@]/%/-server}")
install="apt-get install -y --no-install-recommends ${packages[*]}"
if ! command -v apt-get >/dev/null; then
  echo "please install: ${missing[*]}" >&2; exit 1
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
