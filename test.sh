#!/usr/bin/env bash
# Builds everything (Release, warnings are errors) and runs every test that this machine can run.
#
#   ./test.sh                  all tests
#   ./test.sh --unit           without the tests that start clusters or processes
#   ./test.sh --filter TEXT    only tests whose full name contains TEXT
#   ./test.sh --no-build       with what the last build left
#
# Skipped tests are listed with their reasons. The last line is `N passed, N failed, N skipped`; the exit code is 0 only
# if nothing failed. Reports (xunit's XML) are left in artifacts/test-results.
set -u
root=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")" && pwd)
# shellcheck source=eng/build.sh
. "$root/eng/build.sh"

# A project that takes longer than this hangs; it is stopped and counted as one failure.
project_seconds=900

usage() {
  sed -n '4,7s/^# \{0,3\}//p' "$root/test.sh" >&2
  exit 2
}

build=yes unit=no filter=''
while [ $# -gt 0 ]; do
  case $1 in
    --unit) unit=yes ;;
    --no-build) build=no ;;
    --filter)
      [ $# -ge 2 ] || { echo "--filter needs a text." >&2; usage; }
      filter=$2
      shift
      ;;
    *) echo "Unknown option $1." >&2; usage ;;
  esac
  shift
done

# What tests need beyond the SDK: programs that write lz4 and zstd for the codecs to read, the two native libraries,
# Apache ZooKeeper with a Java to run it, and kcat.
require_tools() {
  local -a missing=()
  command -v lz4 >/dev/null 2>&1 || missing+=(lz4)
  command -v zstd >/dev/null 2>&1 || missing+=(zstd)
  [ -f /usr/share/java/zookeeper.jar ] || missing+=(zookeeper)
  command -v java >/dev/null 2>&1 || missing+=(default-jre-headless)
  command -v kcat >/dev/null 2>&1 || missing+=(kcat)
  if command -v ldconfig >/dev/null 2>&1; then
    local libraries
    libraries=$(ldconfig -p 2>/dev/null)
    [[ $libraries == *liblz4.so.1* ]] || missing+=(liblz4-1)
    [[ $libraries == *libzstd.so.1* ]] || missing+=(libzstd1)
  fi
  [ ${#missing[@]} -gt 0 ] || return 0
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "Installing ${missing[*]} ..." >&2
    if { DEBIAN_FRONTEND=noninteractive apt-get install -y -q "${missing[@]}" ||
      { apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -y -q "${missing[@]}"; }; } >/dev/null 2>&1; then
      return 0
    fi
  fi
  echo "Missing: ${missing[*]} (on Debian: apt-get install ${missing[*]}). Tests that need them are skipped." >&2
}

# attribute NAME FILE: a number of the report's assembly element.
attribute() {
  grep -o '<assembly [^>]*>' "$2" | head -n 1 | sed -n "s/.* $1=\"\([0-9]*\)\".*/\1/p"
}

list_skipped() {
  awk 'BEGIN { RS = "<test " }
    / result="Skip"/ {
      name = $0; sub(/.*name="/, "", name); sub(/".*/, "", name)
      reason = $0
      if (sub(/.*<reason><!\[CDATA\[/, "", reason)) sub(/\]\]>.*/, "", reason); else reason = "no reason given"
      gsub(/[\n\r]+/, " ", reason); gsub(/&quot;/, "\"", name)
      print "  skipped: " name ": " reason
    }' "$1"
}

require_tools
if [ "$build" = yes ]; then
  ostream_build all
else
  ostream_find_sdk "$root"
fi

export DOTNET
results=$root/artifacts/test-results
mkdir -p "$results"
rm -f "$results"/*.xml
limit=()
if command -v timeout >/dev/null 2>&1; then
  limit=(timeout --kill-after=10 "$project_seconds")
fi
selection=()
if [ -n "$filter" ]; then
  selection=(-method "*$filter*")
fi

engine=Embedded
if grep -q '>Microsoft<' "$root/eng/engine.local.props" 2>/dev/null; then engine=Microsoft; fi
passed=0 failed=0 skipped=0
skips=''
for project in "$root"/tests/*.Tests; do
  name=$(basename "$project")
  if [ "$unit" = yes ] && [[ $name == *.Cluster.Tests || $name == *.EndToEnd.Tests ]]; then continue; fi
  if [ "$engine" = Microsoft ] && grep -q '<UsesOrleans>Engine<' "$project/$name.csproj"; then
    skips+="  skipped: $name: tests of the Embedded engine; this build is on the Microsoft packages"$'\n'
    continue
  fi
  if [ "$engine" = Embedded ] && grep -q '<UsesOrleans>Packages<' "$project/$name.csproj"; then
    skips+="  skipped: $name: tests of the Microsoft packages; this build is on the Embedded engine"$'\n'
    continue
  fi
  assembly=$project/bin/Release/net10.0/$name.dll
  report=$results/$name.xml
  if [ ! -f "$assembly" ]; then
    echo "FAILED  $name: $assembly is missing; run without --no-build."
    failed=$((failed + 1))
    continue
  fi
  begun=$SECONDS
  (cd "$project" && "${limit[@]+"${limit[@]}"}" "$DOTNET" "$assembly" -noLogo -noColor -noAutoReporters -reporter quiet \
    -xml "$report" "${selection[@]+"${selection[@]}"}") </dev/null
  code=$?
  if [ -s "$report" ] && grep -q '</assemblies>' "$report"; then
    p=$(attribute passed "$report") f=$(attribute failed "$report") e=$(attribute errors "$report") s=$(attribute skipped "$report")
    p=${p:-0} f=$((${f:-0} + ${e:-0})) s=${s:-0}
    # A run that ended badly without naming a test is a failure all the same.
    if [ "$code" -ne 0 ] && [ "$f" -eq 0 ] && [ "$p" -gt 0 ]; then f=1; fi
    skips+=$(list_skipped "$report")
    if [ "$s" -gt 0 ]; then skips+=$'\n'; fi
  else
    echo "$name ended with exit code $code and left no report$([ "$code" = 124 ] && echo ": stopped after $project_seconds s")."
    p=0 f=1 s=0
  fi
  passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
  printf '%-7s %s: %d passed, %d failed, %d skipped (%d s)\n' "$([ "$f" -eq 0 ] && echo ok || echo FAILED)" "$name" "$p" "$f" "$s" $((SECONDS - begun))
done

printf '%s' "$skips"
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
