#!/usr/bin/env bash
# Makes sure that prometheus and promtool are there: from the PATH, or else from brew, from Debian's package, which is unpacked into
# .stack/prometheus, or from Docker. Nothing is installed as a service, and no root is needed.
set -eu
cd "$(dirname "$0")/../.."
folder=.stack/prometheus
image=$(sed -n "s/^export const prometheusImage = '\(.*\)';$/\1/p" test/stack/prometheus.ts)
# Looks where server-command.ts looks.
has() { PATH="${SERVERS_PATH-$PATH:$PWD/$folder/usr/bin}" command -v "$1" >/dev/null; }
if has promtool && has prometheus; then exit 0; fi

# Where SERVERS_PATH says what is there, nothing is installed.
installs_with() { [ -z "${SERVERS_PATH+set}" ] && command -v "$1" >/dev/null; }
if installs_with brew; then
  echo "installing with brew: prometheus"
  exec brew install prometheus
fi

is_whole() { [ -x "$1/usr/bin/prometheus" ] && [ -x "$1/usr/bin/promtool" ]; }
# With the scripts and the font of its pages. Every step has its ||: set -e is off in what is a condition.
unpack() {
  local package pages flags="--recurse --no-recommends --no-suggests --no-conflicts --no-breaks --no-replaces --no-enhances"
  pages=$(apt-cache depends $flags prometheus | grep -E '^(libjs|fonts)-') || return 1
  (cd "$new" && apt-get download -qq prometheus $pages 2>apt.log) || { cat "$new/apt.log" >&2; return 1; }
  for package in "$new"/*.deb; do dpkg -x "$package" "$new" || return 1; done
  rm -f "$new"/*.deb "$new/apt.log" || return 1
  is_whole "$new" || { echo "Debian's package has no prometheus and promtool in usr/bin" >&2; return 1; }
  # Another run may have been faster.
  is_whole $folder || { rm -rf $folder && mv "$new" $folder; } || return 1
}
if installs_with apt-get && installs_with dpkg; then
  echo "unpacking Debian's prometheus into $folder"
  mkdir -p .stack
  new=$(mktemp -d .stack/prometheus.XXXXXX)
  trap 'rm -rf "$new"' EXIT
  if unpack; then exit 0; fi
  advice="apt gave no prometheus; after sudo apt-get update it may; or use"
fi

if [ "$(uname -s)" = Linux ] && timeout 20 docker version >/dev/null 2>&1; then
  echo "using Docker for: prometheus"
  docker image inspect "$image" >/dev/null 2>&1 || { echo "pulling $image"; docker pull --quiet "$image" >/dev/null; }
  exit 0
fi
echo "${advice:-please install Prometheus, so that promtool and prometheus are in the PATH; or,} on Linux, a Docker that you can use" \
  "(docker version tells)" >&2
exit 1
