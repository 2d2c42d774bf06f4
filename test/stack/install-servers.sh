#!/usr/bin/env bash
# Makes sure that Redis and RabbitMQ are there: the user's own, from the PATH, or else from apt or brew. Nothing is left running
# or enabled.
set -eu
missing=()
[ -n "${REDIS_URL:-}" ] || command -v redis-server >/dev/null || missing+=(redis)
[ -n "${RABBITMQ_URL:-}" ] || [ -x /usr/lib/rabbitmq/bin/rabbitmq-server ] || command -v rabbitmq-server >/dev/null || missing+=(rabbitmq)
[ ${#missing[@]} -eq 0 ] && exit 0

if command -v brew >/dev/null; then
  echo "installing with brew: ${missing[*]}"
  exec brew install "${missing[@]}"
fi
packages=("${missing[@]/%/-server}")
install="apt-get install -y --no-install-recommends ${packages[*]}"
if ! command -v apt-get >/dev/null; then
  echo "please install: ${missing[*]}" >&2
  ! command -v docker >/dev/null || cat >&2 <<'END'
or start them in Docker, and run make up again with their addresses:
  docker run -d -p 127.0.0.1:6379:6379 redis:7 redis-server --appendonly yes && docker run -d -p 127.0.0.1:5672:5672 rabbitmq:4
  export REDIS_URL=redis://127.0.0.1:6379 RABBITMQ_URL=amqp://guest:guest@127.0.0.1:5672
END
  exit 1
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
