#!/usr/bin/env bash
# Kills the broker with -9 in mid-rebalance, so many times (20 without a number) for each way to assign partitions, and checks that every record is
# processed, that no stored offset goes back and that no partition has two owners.
set -u
root=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.." && pwd)
# shellcheck source=../eng/build.sh
. "$root/eng/build.sh"
ostream_build all
export DOTNET OSTREAM_KILLS=${1:-20}
exec "$DOTNET" "$root/tests/OrleansStream.EndToEnd.Tests/bin/Release/net10.0/OrleansStream.EndToEnd.Tests.dll" \
  -noLogo -diagnostics -method '*.GroupKillTests.*' -method '*.ManyMembersTests.*'
