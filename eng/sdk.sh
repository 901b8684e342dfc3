# shellcheck shell=bash
# Sourced by the scripts at the root: finds the .NET SDK that global.json asks for.
# Sets DOTNET (the host's path) or ends with one clear message and exit code 2.

# The places that installers and package managers use, after PATH and DOTNET_ROOT.
ostream_dotnet_candidates() {
  command -v dotnet 2>/dev/null || true
  local directory
  for directory in "${DOTNET_ROOT:-}" "${HOME:-/root}/.dotnet" /usr/share/dotnet /usr/lib/dotnet /usr/lib64/dotnet \
    /usr/local/share/dotnet /opt/dotnet /snap/dotnet-sdk/current; do
    if [ -n "$directory" ] && [ -x "$directory/dotnet" ]; then
      printf '%s\n' "$directory/dotnet"
    fi
  done
}

# ostream_find_sdk ROOT: an SDK that satisfies ROOT/global.json (the host itself applies its roll-forward rule).
ostream_find_sdk() {
  local root=$1 candidate found=''
  while IFS= read -r candidate; do
    found=$candidate
    if (cd "$root" && "$candidate" --version) >/dev/null 2>&1; then
      DOTNET=$candidate
      return 0
    fi
  done < <(ostream_dotnet_candidates)

  local wanted channel
  wanted=$(sed -n 's/.*"version"[[:space:]]*:[[:space:]]*"\([^"]*\)".*/\1/p' "$root/global.json" | head -n 1)
  channel=${wanted%.*}
  if [ -z "$found" ]; then
    echo "OrleansStream needs the .NET SDK $channel ($wanted or newer in $channel), and no dotnet was found." >&2
  else
    echo "OrleansStream needs the .NET SDK $channel ($wanted or newer in $channel); $found has: $("$found" --list-sdks 2>/dev/null | sed 's/ .*//' | paste -sd' ' - | sed 's/^$/no SDK/')." >&2
  fi
  echo "Install it with your package manager (dotnet-sdk-$channel) or from https://dotnet.microsoft.com/download/dotnet/$channel, then start again." >&2
  exit 2
}
