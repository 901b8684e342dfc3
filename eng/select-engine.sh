#!/usr/bin/env bash
# Decides under which engine the source is built (docs/adr/0001-two-engines.md) and records it in eng/engine.local.props,
# which git ignores and Directory.Build.props imports.
#
#   eng/select-engine.sh            probe the package feed once; afterwards answer from the record
#   eng/select-engine.sh --again    probe again
#   OSTREAM_ENGINE=Embedded|Microsoft  overrules the probe
#
# The probe records Microsoft only when every package that eng/Engine.targets names was restored with all it depends on.
# Anything else, a feed out of reach included, means Embedded: this script never fails a build (only a wrong
# OSTREAM_ENGINE is refused, with exit code 2). When Microsoft is asked for, the record also says whose ZooKeeper clustering
# is taken: Microsoft's if that package was restored, otherwise this project's own. OrleansPackages is AtHand when all packages but
# that one can be restored: then tests compare the Embedded engine with them, and .ci/run compiles on them.
set -uo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
record=$root/eng/engine.local.props
probe_seconds=120

version=$(sed -n 's:.*<OrleansVersion>\(.*\)</OrleansVersion>.*:\1:p' "$root/eng/Engine.props" | head -n 1)
packages=$(sed -n 's:.*<PackageReference Include="\(Microsoft\.Orleans[^"]*\)".*:\1:p' "$root/eng/Engine.targets" | sort -u)

zookeeper=Microsoft.Orleans.Clustering.ZooKeeper
packages_key="$version $(printf '%s' "$packages" | cksum | cut -d' ' -f1)"

# write_record ENGINE CLUSTERING PACKAGES KEY: leaves an equal record alone, so that nothing is rebuilt for it.
write_record() {
  local text
  text="<Project>
  <!-- Written by eng/select-engine.sh; key: $4 -->
  <PropertyGroup>
    <OrleansEngine Condition=\"'\$(OrleansEngine)' == ''\">$1</OrleansEngine>
    <OrleansZooKeeperClustering Condition=\"'\$(OrleansZooKeeperClustering)' == ''\">$2</OrleansZooKeeperClustering>
    <OrleansPackages Condition=\"'\$(OrleansPackages)' == ''\">$3</OrleansPackages>
  </PropertyGroup>
</Project>"
  if [ ! -f "$record" ] || [ "$(cat "$record")" != "$text" ]; then
    printf '%s\n' "$text" >"$record.$$" && mv -f "$record.$$" "$record"
  fi
}

# can_restore PACKAGE...: whether the feed has them with all they depend on.
can_restore() {
  local package file probe code
  local -a limit=()
  [ $# -gt 0 ] || return 1
  if [ -z "${DOTNET:-}" ]; then
    # shellcheck source=eng/sdk.sh
    . "$root/eng/sdk.sh"
    ostream_find_sdk "$root"
  fi

  # Inside the repository, so that a nuget.config of the repository or above it holds for the probe as well.
  mkdir -p "$root/artifacts"
  probe=$(mktemp -d "$root/artifacts/engine-probe.XXXXXX") || return 1
  for file in Directory.Build.props Directory.Build.targets Directory.Packages.props; do
    echo '<Project />' >"$probe/$file"
  done
  {
    echo '<Project Sdk="Microsoft.NET.Sdk"><PropertyGroup><TargetFramework>net10.0</TargetFramework></PropertyGroup><ItemGroup>'
    for package in "$@"; do
      echo "<PackageReference Include=\"$package\" Version=\"[$version]\" />"
    done
    echo '</ItemGroup></Project>'
  } >"$probe/probe.csproj"
  if command -v timeout >/dev/null 2>&1; then
    limit=(timeout "$probe_seconds")
  fi
  (
    export NUGET_ENHANCED_MAX_NETWORK_TRY_COUNT=1 NUGET_ENHANCED_NETWORK_RETRY_DELAY_MILLISECONDS=100
    cd "$probe" && "${limit[@]+"${limit[@]}"}" "$DOTNET" restore probe.csproj -nodeReuse:false
  ) >"$probe/log" 2>&1 && [ -f "$probe/obj/project.assets.json" ]
  code=$?
  rm -rf "$probe"
  return $code
}

# is_recorded KEY
is_recorded() { [ "$again" = no ] && [ -f "$record" ] && grep -qF "key: $1 -->" "$record"; }

again=no
if [ "${1:-}" = --again ]; then again=yes; fi

case "${OSTREAM_ENGINE:-}" in
  '') ;;
  Embedded)
    write_record Embedded Project Unknown OSTREAM_ENGINE
    exit 0
    ;;
  Microsoft)
    if ! is_recorded "OSTREAM_ENGINE $packages_key"; then
      echo "Looking for $zookeeper $version in the package feed (once) ..." >&2
      clustering=Project
      if can_restore "$zookeeper"; then clustering=Package; fi
      write_record Microsoft "$clustering" AtHand "OSTREAM_ENGINE $packages_key"
      echo "ZooKeeper clustering: $([ "$clustering" = Package ] && echo "$zookeeper" || echo "src/OrleansStream.Clustering.ZooKeeper, as the package cannot be restored") (recorded in eng/engine.local.props)." >&2
    fi
    exit 0
    ;;
  *)
    echo "OSTREAM_ENGINE is '$OSTREAM_ENGINE'; it must be Embedded or Microsoft." >&2
    exit 2
    ;;
esac

if is_recorded "$packages_key"; then
  exit 0
fi

echo "Looking for Microsoft.Orleans $version in the package feed (once) ..." >&2
engine=Embedded clustering=Project at_hand=Missing
# shellcheck disable=SC2086
if can_restore $packages; then
  engine=Microsoft clustering=Package at_hand=AtHand
elif can_restore ${packages//"$zookeeper"/}; then
  at_hand=AtHand
fi
write_record "$engine" "$clustering" "$at_hand" "$packages_key"
echo "Engine: $engine (recorded in eng/engine.local.props; OSTREAM_ENGINE overrules it)." >&2
exit 0
