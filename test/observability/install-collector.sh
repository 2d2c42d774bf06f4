#!/usr/bin/env bash
# Makes sure that the OpenTelemetry Collector is there for its tests: otelcol-contrib from the PATH, else, on Linux, its image in Docker,
# else one of the parts that the config names, built with Go into .stack/collector. Without any of these it says so and ends well; it
# fails where Docker or Go is there and gives none.
set -eu
cd "$(dirname "$0")/../.."
folder=.stack/collector
image=$(sed -n 's/^ *image: //p' observability/collector/deployment.yaml)
version=v${image##*:}
# Looks where server-command.ts looks.
has() { PATH="${SERVERS_PATH-$PATH}" command -v "$1" >/dev/null; }
if has otelcol-contrib; then exit 0; fi
is_current() { [ -x $folder/otelcol-contrib ] && [ "$(cat $folder/version 2>/dev/null)" = "$version" ]; }
if is_current; then exit 0; fi

tried=""
if [ "$(uname -s)" = Linux ] && timeout 20 docker version >/dev/null 2>&1; then
  if docker image inspect "$image" >/dev/null 2>&1; then exit 0; fi
  echo "pulling $image"
  if docker pull --quiet "$image" >/dev/null; then exit 0; fi
  tried="Docker could not pull $image"
fi
if ! command -v go >/dev/null; then
  if [ -n "$tried" ]; then echo "no collector: $tried, as it says above" >&2; exit 1; fi
  echo "no collector: please install otelcol-contrib, Go, or on Linux Docker"
  exit 0
fi

core=go.opentelemetry.io/collector
contrib=github.com/open-telemetry/opentelemetry-collector-contrib
mkdir -p .stack
new=$(mktemp -d .stack/collector.XXXXXX)
trap 'rm -rf "$new"' EXIT
cat >"$new/builder.yaml" <<EOF
dist: {name: otelcol-contrib, output_path: $new/source}
extensions:
  - gomod: $contrib/extension/healthcheckextension $version
receivers:
  - gomod: $core/receiver/otlpreceiver $version
processors:
  - gomod: $core/processor/memorylimiterprocessor $version
  - gomod: $contrib/processor/transformprocessor $version
  - gomod: $contrib/processor/tailsamplingprocessor $version
exporters:
  - gomod: $core/exporter/otlphttpexporter $version
EOF
echo "building the collector $version with Go into $folder; some minutes the first time"
if ! CGO_ENABLED=0 nice -n 10 go run $core/cmd/builder@"$version" --config "$new/builder.yaml" >"$new/build.log" 2>&1; then
  tail -n 20 "$new/build.log" >&2
  echo "no collector: ${tried:+$tried, and }Go could not build it, as it says above" >&2
  exit 1
fi
mv "$new/source/otelcol-contrib" "$new/"
rm -rf "$new/source"
echo "$version" >"$new/version"
# Another run may have been faster.
is_current || { rm -rf $folder; mv "$new" $folder; }
