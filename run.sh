#!/usr/bin/env bash
# Builds what is needed and starts a broker in the foreground; see ./run.sh --help for the options.
# stdout carries the broker's one line `ready kafka=HOST:PORT gateway=HOST:PORT dashboard=URL data=DIR`, nothing else.
# SIGTERM and Ctrl-C reach the broker itself, and its exit code is this script's.
set -u
root=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")" && pwd)
# shellcheck source=eng/build.sh
. "$root/eng/build.sh"
ostream_build run
exec "$DOTNET" "$root/silo-host/bin/Release/net10.0/silo-host.dll" "$@"
