#!/usr/bin/env bash
# Breaks a cluster of three broker processes and a real ZooKeeper at random under a steady load, and checks every acknowledged record.
#
#   tests/faults.sh [options]
#
#     --minutes N         how long faults go on (default 5)
#     --seed S            the seed of all that is random; without it one is made up and printed
#     --faults A,B        only these, chosen at random: kill-leader kill-controller pause-leader shutdown kill-zookeeper kill-all
#                         cut-peers cut-zookeeper cut-both cut-all fill-disk (default: all that the machine can do)
#     --script A,B,...    these faults, in this order, once
#     --overlap PERCENT   how often a second fault comes before the first is over (default 0)
#     --rate N            records per second (default 10000)     --partitions N    (default 6)
#     --value-bytes N     bytes of a record (default 100)        --round-minutes N a new topic after so long (default 5)
#     --with A,B          also these clients of Kafka's protocol: kcat kafkajs librdkafka java java-848
#     --client-rate N     records per second of each of them (default 500)
#     --set KEY=VALUE     a broker configuration; may be repeated
#     --dir DIR           where data and logs are left (default: a directory in /tmp, which is deleted if nothing was found)
#
# Each round writes to one topic with acks=all and idempotence (three replicas, min.insync.replicas=2), and a group of two members
# reads along. When it is over, each broker in turn is left alone and read to the end: every acknowledged record must be there once,
# at its offset, in order, the same on every replica; the group must have read all of it and never have lost its place.
#
# A client named by --with works beside the native one, in processes of its own: an idempotent producer with acks=all into a topic of its own,
# 5 s for a request, and a group of two members. The same is checked of it. A record counts as acknowledged when the client reported
# partition and offset of its delivery; kcat does with -vvv. A record that it could not deliver and a producer that cannot go on are
# violations. kcat has to be on the PATH; kafkajs is fetched with npm, librdkafka (Confluent.Kafka) with NuGet; java, and java-848 with groups
# of the consumer protocol, run with the jars in the directory KAFKA_JAVA, Kafka's clients and what they need, and a JDK.
#
# The exit code is 0 without violation, 1 with, 2 when it cannot run. No program is installed: it says what is missing. Where unshare, ip
# and nsenter can make namespaces (root, or users who may), brokers get network namespaces of their own, which leave nothing behind;
# elsewhere cuts and full disks are skipped.
set -u
root=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.." && pwd)
for argument in "$@"; do
  if [ "$argument" = --help ] || [ "$argument" = -h ]; then
    sed -n '2,32s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"
    exit 0
  fi
done
# shellcheck source=../eng/build.sh
. "$root/eng/build.sh"
ostream_build all
export DOTNET
program=$root/tests/OrleansStream.Faults/bin/Release/net10.0/OrleansStream.Faults.dll

directory='' keep=yes with=''
arguments=("$@")
for ((i = 0; i < $#; i++)); do
  case ${arguments[$i]} in
    --dir) directory=${arguments[$((i + 1))]:-} ;;
    --with) with=,${arguments[$((i + 1))]:-}, ;;
  esac
done

# What of the clients is not a program to be installed. If it does not come, the run says what is missing.
modules=$root/artifacts/compatibility
export NODE_PATH=$modules/node_modules KAFKAJS_NO_PARTITIONER_WARNING=1
if [[ $with == *,kafkajs,* ]] && [ ! -d "$NODE_PATH/kafkajs" ] && command -v npm >/dev/null 2>&1; then
  mkdir -p "$modules" && cp "$root/tests/compatibility/package.json" "$modules/" &&
    (cd "$modules" && npm install --no-audit --no-fund --silent >&2)
fi
if [[ $with == *,librdkafka,* ]]; then
  clients=$root/artifacts/fault-clients
  mkdir -p "$clients" && cp "$root/tests/fault-clients/librdkafka.cs" "$clients/Program.cs"
  for file in Directory.Build.props Directory.Build.targets Directory.Packages.props; do echo '<Project />' >"$clients/$file"; done
  cat >"$clients/librdkafka.csproj" <<'PROJECT'
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup>
    <OutputType>Exe</OutputType><TargetFramework>net10.0</TargetFramework><ImplicitUsings>enable</ImplicitUsings><Nullable>enable</Nullable>
  </PropertyGroup>
  <ItemGroup>
    <PackageReference Include="Confluent.Kafka" Version="2.16.0" />
  </ItemGroup>
</Project>
PROJECT
  (cd "$clients" && "$DOTNET" build -v quiet -nologo -nodeReuse:false -o out) >"$clients/build.log" 2>&1 || cat "$clients/build.log" >&2
fi
if [[ $with == *,java,* || $with == *,java-848,* ]] && [ -n "${KAFKA_JAVA:-}" ] && command -v javac >/dev/null 2>&1; then
  javac -proc:none -cp "$KAFKA_JAVA/*" -d "$root/artifacts/fault-clients/java" "$root/tests/fault-clients/JavaFaults.java" >&2
fi
if [ -z "$directory" ]; then
  directory=$(mktemp -d -t ostream-faults-XXXXXX)
  arguments+=(--dir "$directory")
  keep=no
fi

# All in namespaces that end with the program: no process, mount, interface or address is left, whatever happens.
isolated=(unshare --net --mount --pid --fork --kill-child --mount-proc)
if [ "$(id -u)" != 0 ]; then isolated+=(--user --map-root-user); fi
if command -v unshare >/dev/null 2>&1 && command -v ip >/dev/null 2>&1 && command -v nsenter >/dev/null 2>&1 &&
  "${isolated[@]}" bash -c 'mount -t tmpfs tmpfs /run && ip netns add probe && ip link add probe0 type bridge' >/dev/null 2>&1; then
  OSTREAM_FAULTS_NAMESPACE=yes "${isolated[@]}" bash -c 'mount -t tmpfs tmpfs /run && exec "$0" "$@"' "$DOTNET" "$program" "${arguments[@]}"
else
  echo "Network namespaces cannot be made here (unshare, ip and nsenter, as root): brokers share 127.0.0.1, nothing is cut off." >&2
  "$DOTNET" "$program" "${arguments[@]}"
fi
code=$?
if [ "$code" = 0 ] && [ "$keep" = no ]; then
  rm -rf "$directory"
else
  echo "Data and logs are in $directory."
fi
exit "$code"
