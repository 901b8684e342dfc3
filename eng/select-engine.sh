#!/usr/bin/env bash
# Decides under which engine the source is built (docs/adr/0001-two-engines.md) and records it in eng/engine.local.props,
# which git ignores and Directory.Build.props imports.
#
#   eng/select-engine.sh            probe the package feed once; afterwards answer from the record
#   eng/select-engine.sh --again    probe again
#   OSTREAM_ENGINE=Embedded|Microsoft  overrules the probe
#
# Microsoft is recorded only when every package that eng/Engine.targets names was restored with all it depends on.
# Anything else, a feed out of reach included, means Embedded: this script never fails a build (only a wrong
# OSTREAM_ENGINE is refused, with exit code 2).
set -uo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
record=$root/eng/engine.local.props
probe_seconds=120

version=$(sed -n 's:.*<OrleansVersion>\(.*\)</OrleansVersion>.*:\1:p' "$root/eng/Engine.props" | head -n 1)
packages=$(sed -n 's:.*<PackageReference Include="\(Microsoft\.Orleans[^"]*\)".*:\1:p' "$root/eng/Engine.targets" | sort -u)

# write_record ENGINE KEY: leaves an equal record alone, so that nothing is rebuilt for it.
write_record() {
  local text
  text=$(printf '<Project>\n  <!-- Written by eng/select-engine.sh; key: %s -->\n  <PropertyGroup>\n    <OrleansEngine Condition="'"'\$(OrleansEngine)' == ''"'">%s</OrleansEngine>\n  </PropertyGroup>\n</Project>' "$2" "$1")
  if [ ! -f "$record" ] || [ "$(cat "$record")" != "$text" ]; then
    printf '%s\n' "$text" >"$record.$$" && mv -f "$record.$$" "$record"
  fi
}

case "${OSTREAM_ENGINE:-}" in
  '') ;;
  Embedded | Microsoft)
    write_record "$OSTREAM_ENGINE" "OSTREAM_ENGINE"
    exit 0
    ;;
  *)
    echo "OSTREAM_ENGINE is '$OSTREAM_ENGINE'; it must be Embedded or Microsoft." >&2
    exit 2
    ;;
esac

key="$version $(printf '%s' "$packages" | cksum | cut -d' ' -f1)"
if [ "${1:-}" != --again ] && [ -f "$record" ] && grep -qF "key: $key -->" "$record"; then
  exit 0
fi

# shellcheck source=eng/sdk.sh
. "$root/eng/sdk.sh"
if [ -z "${DOTNET:-}" ]; then
  ostream_find_sdk "$root"
fi

# Inside the repository, so that a nuget.config of the repository or above it holds for the probe as well.
mkdir -p "$root/artifacts"
probe=$(mktemp -d "$root/artifacts/engine-probe.XXXXXX") || exit 0
trap 'rm -rf "$probe"' EXIT
for file in Directory.Build.props Directory.Build.targets Directory.Packages.props; do
  echo '<Project />' >"$probe/$file"
done
{
  echo '<Project Sdk="Microsoft.NET.Sdk"><PropertyGroup><TargetFramework>net10.0</TargetFramework></PropertyGroup><ItemGroup>'
  for package in $packages; do
    echo "<PackageReference Include=\"$package\" Version=\"[$version]\" />"
  done
  echo '</ItemGroup></Project>'
} >"$probe/probe.csproj"

echo "Looking for Microsoft.Orleans $version in the package feed (once) ..." >&2
export NUGET_ENHANCED_MAX_NETWORK_TRY_COUNT=1 NUGET_ENHANCED_NETWORK_RETRY_DELAY_MILLISECONDS=100
limit=()
if command -v timeout >/dev/null 2>&1; then
  limit=(timeout "$probe_seconds")
fi
if [ -n "$packages" ] &&
  (cd "$probe" && "${limit[@]+"${limit[@]}"}" "$DOTNET" restore probe.csproj -nodeReuse:false) >"$probe/log" 2>&1 &&
  [ -f "$probe/obj/project.assets.json" ]; then
  engine=Microsoft
else
  engine=Embedded
fi
write_record "$engine" "$key"
echo "Engine: $engine (recorded in eng/engine.local.props; OSTREAM_ENGINE overrules it)." >&2
exit 0
