#!/usr/bin/env bash
# Makes sure that .stack/schemathesis holds what requirements.txt names, in a virtual environment.
set -eu
cd "$(dirname "$0")"
folder=../../.stack/schemathesis
# The copy comes last, so that an install which was cut short counts for nothing.
cmp -s requirements.txt "$folder/installed.txt" && exit 0
rm -rf "$folder"
mkdir -p ../../.stack
python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && python3 -m venv "$folder" || {
  echo "please install Python 3.11 or newer with its venv (Debian: apt install python3-venv); schemathesis runs on it" >&2
  exit 1
}
echo "installing schemathesis into .stack/"
"$folder/bin/pip" install --quiet --disable-pip-version-check --requirement requirements.txt
cp requirements.txt "$folder/installed.txt"
