#!/usr/bin/env bash
# Kills a broker with -9 in mid-produce, so many times (20 without a number), and checks every acknowledged record.
set -u
root=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.." && pwd)
# shellcheck source=../eng/build.sh
. "$root/eng/build.sh"
ostream_build all
export DOTNET OSTREAM_KILLS=${1:-20}
exec "$DOTNET" "$root/tests/OrleansStream.EndToEnd.Tests/bin/Release/net10.0/OrleansStream.EndToEnd.Tests.dll" \
  -noLogo -diagnostics -method '*.KillTests.Broker_HoldsEveryAcknowledgedRecordOnceAndInOrder_WhenItIsKilledInMidProduce'
