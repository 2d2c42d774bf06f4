#!/usr/bin/env bash
# Makes sure that promtool and prometheus are there: from the PATH, or else from brew, or from Debian's package, which is unpacked into
# .stack/prometheus. Nothing is installed as a service, and no root is needed.
set -eu
cd "$(dirname "$0")/../.."
folder=.stack/prometheus
has() { command -v "$1" >/dev/null; }
if has promtool && has prometheus; then exit 0; fi
[ ! -x $folder/usr/bin/promtool ] || exit 0

if has brew; then
  echo "installing with brew: prometheus"
  exec brew install prometheus
fi
if ! has apt-get || ! has dpkg; then
  echo "please install Prometheus, so that promtool and prometheus are in the PATH" >&2
  exit 1
fi
echo "unpacking Debian's prometheus into $folder"
rm -rf $folder.new
mkdir -p $folder.new
(cd $folder.new && apt-get download -qq prometheus 2>/dev/null) || {
  echo "apt has no package prometheus; please run: sudo apt-get update" >&2
  exit 1
}
dpkg -x $folder.new/prometheus_*.deb $folder.new
rm -rf $folder.new/prometheus_*.deb $folder
mv $folder.new $folder
