#!/usr/bin/env bash
# Makes sure that the OpenTelemetry Collector is there for its tests: otelcol-contrib from the PATH, else, on Linux, its image in Docker,
# else one of the parts that the config names, built with Go into .stack/collector. Without any of these it says so and ends well.
set -eu
cd "$(dirname "$0")/../.."
folder=.stack/collector
image=$(sed -n 's/^ *image: //p' observability/collector/deployment.yaml)
version=v${image##*:}
has() { command -v "$1" >/dev/null; }
if has otelcol-contrib; then exit 0; fi
if [ -x $folder/otelcol-contrib ] && [ "$(cat $folder/version)" = "$version" ]; then exit 0; fi
rm -rf $folder

if [ "$(uname -s)" = Linux ] && has docker && timeout 20 docker version >/dev/null 2>&1; then
  if docker image inspect "$image" >/dev/null 2>&1; then exit 0; fi
  echo "pulling $image"
  if docker pull --quiet "$image" >/dev/null; then exit 0; fi
fi
if ! has go; then
  echo "no collector: please install otelcol-contrib, Go, or on Linux Docker"
  exit 0
fi

core=go.opentelemetry.io/collector
contrib=github.com/open-telemetry/opentelemetry-collector-contrib
mkdir -p $folder
cat >$folder/builder.yaml <<EOF
dist: {name: otelcol-contrib, output_path: $folder/source}
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
if CGO_ENABLED=0 nice -n 10 go run $core/cmd/builder@"$version" --config $folder/builder.yaml >$folder/build.log 2>&1; then
  mv $folder/source/otelcol-contrib $folder/
  rm -rf $folder/source
  echo "$version" >$folder/version
else
  echo "no collector: it could not be built, $folder/build.log says why"
fi
