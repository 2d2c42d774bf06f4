#!/usr/bin/env bash
# Makes sure that prometheus and promtool are there: from the PATH, or else from brew, from Debian's package, which is unpacked into
# .stack/prometheus, or from Docker. Nothing is installed as a service, and no root is needed.
set -eu
cd "$(dirname "$0")/../.."
folder=.stack/prometheus
image=prom/prometheus:v3.5.0
# Looks where server-command.ts looks.
has() { PATH="${SERVERS_PATH-$PATH:$PWD/$folder/usr/bin}" command -v "$1" >/dev/null; }
if has promtool && has prometheus; then exit 0; fi

# Where SERVERS_PATH says what is there, nothing is installed.
installs_with() { [ -z "${SERVERS_PATH+set}" ] && command -v "$1" >/dev/null; }
if installs_with brew; then
  echo "installing with brew: prometheus"
  exec brew install prometheus
fi

unpack() {
  rm -rf $folder.new
  mkdir -p $folder.new
  (cd $folder.new && apt-get download -qq prometheus 2>/dev/null) || return 1
  dpkg -x $folder.new/prometheus_*.deb $folder.new
  rm -rf $folder.new/prometheus_*.deb $folder
  mv $folder.new $folder
}
if installs_with apt-get && installs_with dpkg; then
  echo "unpacking Debian's prometheus into $folder"
  if unpack; then exit 0; fi
  advice="apt has no package prometheus; please run: sudo apt-get update; or use"
fi

if [ "$(uname -s)" = Linux ] && timeout 20 docker version >/dev/null 2>&1; then
  echo "using Docker for: prometheus"
  docker image inspect $image >/dev/null 2>&1 || { echo "pulling $image"; docker pull --quiet $image >/dev/null; }
  exit 0
fi
echo "${advice:-please install Prometheus, so that promtool and prometheus are in the PATH; or,} on Linux, a Docker that you can use" \
  "(docker version tells)" >&2
exit 1
