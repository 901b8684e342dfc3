#!/usr/bin/env bash
# Builds what run.sh and ostream start, if a source is newer than the last build; progress goes to stderr only.
#
#   eng/build.sh           the broker and the command line (eng/Run.slnf), Release
#   eng/build.sh --all     everything, tests and benchmarks included
#
# Called, or sourced for ostream_build. The stamp artifacts/build-<what>.stamp holds a checksum over the sources' names and the path of the
# SDK; its own time is the moment at which the last successful build began.

ostream_root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source=eng/sdk.sh
. "$ostream_root/eng/sdk.sh"

ostream_sources() {
  local -a places=(src silo-host eng Directory.Build.props Directory.Build.targets Directory.Packages.props global.json .editorconfig)
  if [ "$1" = all ]; then
    places+=(tests benchmarks samples OrleansStream.sln)
  fi
  (cd "$ostream_root" && find "${places[@]}" \( -name bin -o -name obj \) -prune -o -type f ! -name '*.md' "${@:2}" -print 2>/dev/null)
}

ostream_listing() { ostream_sources "$1" | LC_ALL=C sort | cksum; }

# ostream_is_current WHAT: sets DOTNET when the last build still stands.
ostream_is_current() {
  local stamp=$ostream_root/artifacts/build-$1.stamp listing sdk
  [ -f "$stamp" ] && ostream_engine_is_current || return 1
  { IFS= read -r listing && IFS= read -r sdk; } <"$stamp" || return 1
  [ -x "$sdk" ] || return 1
  [ "$listing" = "$(ostream_listing "$1")" ] || return 1
  [ -z "$(ostream_sources "$1" -newer "$stamp" | head -n 1)" ] || return 1
  DOTNET=$sdk
}

# The record of the engine is the one that OSTREAM_ENGINE (or its absence) asks for.
ostream_engine_is_current() {
  local record=$ostream_root/eng/engine.local.props text
  [ -f "$record" ] || return 1
  text=$(<"$record")
  if [ -n "${OSTREAM_ENGINE:-}" ]; then
    [[ $text == *">$OSTREAM_ENGINE<"* ]]
  else
    [[ $text != *"key: OSTREAM_ENGINE"* ]]
  fi
}

# Descriptor 9 is the build lock: the compiler server must not inherit it, or it would hold the lock for minutes.
ostream_compile() {
  (cd "$ostream_root" && "$DOTNET" build "$1" -c Release -v quiet -nologo -nodeReuse:false -clp:NoSummary) >"$2" 2>&1 9>&-
}

ostream_build_failed() {
  cat "$1" >&2
  echo "The build failed; its output is above and in $1." >&2
  exit 1
}

ostream_build_locked() {
  local what=$1 target=eng/Run.slnf artifacts=$ostream_root/artifacts log record=$ostream_root/eng/engine.local.props
  # Another terminal may have built while this one waited for the lock.
  if ostream_is_current "$what"; then return 0; fi
  ostream_find_sdk "$ostream_root"
  export DOTNET DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
  bash "$ostream_root/eng/select-engine.sh" 9>&- || exit $?
  if [ "$what" = all ]; then target=OrleansStream.sln; fi

  log=$artifacts/build-$what.log
  : >"$artifacts/build-$what.start"
  echo "Building OrleansStream ($target, Release) ..." >&2
  if ! ostream_compile "$target" "$log"; then
    if [ -n "${OSTREAM_ENGINE:-}" ] || ! grep -q '>Microsoft<' "$record"; then
      ostream_build_failed "$log"
    fi
    # The probe's pick must never keep a broker from starting.
    mv -f "$log" "$artifacts/build-microsoft.log"
    echo "The build on the Microsoft engine failed (artifacts/build-microsoft.log); building on the Embedded engine instead." >&2
    sed 's:>Microsoft<:>Embedded<:' "$record" >"$record.new" && mv -f "$record.new" "$record"
    ostream_compile "$target" "$log" || ostream_build_failed "$log"
  fi
  ostream_write_stamp "$what" "$artifacts/build-$what.start"
  if [ "$what" = all ]; then ostream_write_stamp run "$artifacts/build-$what.start"; fi
}

# ostream_write_stamp WHAT START: dated at the build's beginning, so that a source that changed meanwhile is newer.
ostream_write_stamp() {
  local stamp=$ostream_root/artifacts/build-$1.stamp
  { ostream_listing "$1"; printf '%s\n' "$DOTNET"; } >"$stamp.new"
  touch -r "$2" "$stamp.new"
  mv -f "$stamp.new" "$stamp"
}

# ostream_build WHAT: WHAT is run or all; sets DOTNET. Two terminals never build at the same time.
ostream_build() {
  if ostream_is_current "$1"; then return 0; fi
  mkdir -p "$ostream_root/artifacts"
  if command -v flock >/dev/null 2>&1; then
    exec 9>"$ostream_root/artifacts/build.lock"
    if ! flock -n 9; then
      echo "Another build is running; waiting for it ..." >&2
      flock 9
    fi
    ostream_build_locked "$1"
    exec 9>&-
  else
    ostream_build_locked "$1"
  fi
}

if [ "${BASH_SOURCE[0]}" = "$0" ]; then
  set -u
  case "${1:-}" in
    '') ostream_build run ;;
    --all) ostream_build all ;;
    *) echo "Usage: eng/build.sh [--all]" >&2; exit 2 ;;
  esac
fi
