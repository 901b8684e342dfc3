#!/usr/bin/env bash
# Builds what is needed and starts several brokers of one cluster on this machine, with a ZooKeeper of their own unless one is given.
#
#   ./run-cluster.sh N [options]
#
#     --zookeeper LIST    HOST:PORT,.../chroot of a ZooKeeper that runs already
#     --data-dir DIR      the parent of the brokers' directories and ZooKeeper's (default ./data/cluster)
#     --base-port PORT    the first port (default 9092): broker i listens for Kafka clients at PORT+i-1, for ostream at PORT+1000+i-1
#                         and for other brokers at PORT+2000+i-1; ZooKeeper listens at PORT+3000
#     --set KEY=VALUE     any broker configuration by its Kafka name, for every broker; may be repeated
#     --log-level LEVEL   as the broker's own
#
# stdout carries each broker's ready line after its number, `broker=1 ready kafka=...`, and `cluster ready brokers=N ...` when all serve;
# what the brokers log goes to DIR/broker-i.log. Runs in the foreground; Ctrl-C or SIGTERM stops the brokers, then ZooKeeper.
# The exit code is 0 after a clean stop, 1 when a broker did not start, 2 for a wrong option.
set -u
root=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")" && pwd)
# shellcheck source=eng/build.sh
. "$root/eng/build.sh"

fail() {
  echo "run-cluster.sh: $1" >&2
  exit "${2:-2}"
}

usage() { sed -n '2,15s/^# \{0,1\}//p' "$root/run-cluster.sh"; }

is_number() { [[ $1 =~ ^[0-9]+$ ]]; }

count='' zookeeper='' data=$root/data/cluster base=9092
extra=()
while [ $# -gt 0 ]; do
  case $1 in
    -h | --help)
      usage
      exit 0
      ;;
    --zookeeper | --data-dir | --base-port | --set | --log-level)
      [ $# -ge 2 ] || fail "$1 needs a value; see --help."
      case $1 in
        --zookeeper) zookeeper=$2 ;;
        --data-dir) data=$2 ;;
        --base-port) base=$2 ;;
        *) extra+=("$1" "$2") ;;
      esac
      shift
      ;;
    -*) fail "there is no option $1; see --help." ;;
    *)
      [ -z "$count" ] || fail "'$1' is one argument too many; see --help."
      count=$1
      ;;
  esac
  shift
done

is_number "${count:-}" && [ "$count" -ge 1 ] && [ "$count" -le 100 ] || fail "say how many brokers, 1 to 100: ./run-cluster.sh 3"
is_number "$base" && [ "$base" -ge 1 ] && [ "$base" -le 62000 ] || fail "--base-port is '$base'; it must be between 1 and 62000."
mkdir -p "$data" || fail "the directory $data cannot be made."
data=$(cd "$data" && pwd)

zookeeper_jar=/usr/share/java/zookeeper.jar
zookeeper_pid=''
broker_pids=()

# Starts Debian's ZooKeeper for this cluster alone.
start_zookeeper() {
  local port=$((base + 3000)) directory=$data/zookeeper
  [ -f "$zookeeper_jar" ] || fail "Apache ZooKeeper is not installed ($zookeeper_jar is missing). On Debian or Ubuntu: apt-get install zookeeper. Or name one that runs: --zookeeper HOST:PORT/chroot."
  command -v java >/dev/null 2>&1 || fail "java is not on the PATH, and ZooKeeper needs it. On Debian or Ubuntu: apt-get install default-jre-headless."
  if (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
    fail "port $port, where ZooKeeper would listen, is taken. Stop what listens there, choose another --base-port, or use it: --zookeeper 127.0.0.1:$port."
  fi
  mkdir -p "$directory/data"
  printf '%s\n' tickTime=1000 "dataDir=$directory/data" "clientPort=$port" clientPortAddress=127.0.0.1 \
    admin.enableServer=false maxClientCnxns=0 autopurge.snapRetainCount=3 autopurge.purgeInterval=1 >"$directory/zoo.cfg"
  # A session of its own: Ctrl-C is for the brokers first.
  setsid java -Xmx256m -cp "$zookeeper_jar:/usr/share/java/slf4j-simple.jar" \
    -Dorg.slf4j.simpleLogger.defaultLogLevel=warn \
    org.apache.zookeeper.server.quorum.QuorumPeerMain "$directory/zoo.cfg" >"$data/zookeeper.log" 2>&1 </dev/null &
  zookeeper_pid=$!
  zookeeper=127.0.0.1:$port
}

stop_all() {
  trap '' INT TERM
  local pid
  for pid in "${broker_pids[@]+"${broker_pids[@]}"}"; do kill -TERM "$pid" 2>/dev/null; done
  for pid in "${broker_pids[@]+"${broker_pids[@]}"}"; do wait "$pid" 2>/dev/null; done
  if [ -n "$zookeeper_pid" ]; then
    kill -TERM "$zookeeper_pid" 2>/dev/null
    wait "$zookeeper_pid" 2>/dev/null
  fi
}

ostream_build run
trap 'stop_all; exit 0' INT TERM
[ -n "$zookeeper" ] || start_zookeeper

# Groups are kept with three replicas; fewer brokers have to say so.
few=()
((count >= 3)) || few=(--set "offsets.topic.replication.factor=$count")

# Each broker's stdout comes through a pipe of its own, so that its line can be waited for.
for ((i = 1; i <= count; i++)); do
  pipe=$data/.ready-$i
  rm -f "$pipe"
  mkfifo "$pipe" || fail "the pipe $pipe cannot be made." 1
  setsid "$DOTNET" "$root/silo-host/bin/Release/net10.0/silo-host.dll" \
    --broker-id "$i" --data-dir "$data/broker-$i" --zookeeper "$zookeeper" --dashboard-port 0 \
    --kafka-port $((base + i - 1)) --gateway-port $((base + 1000 + i - 1)) --silo-port $((base + 2000 + i - 1)) \
    "${few[@]+"${few[@]}"}" "${extra[@]+"${extra[@]}"}" >"$pipe" 2>"$data/broker-$i.log" </dev/null &
  broker_pids+=($!)
done

for ((i = 1; i <= count; i++)); do
  line=''
  # End of file: the broker has ended without its line.
  IFS= read -r line <"$data/.ready-$i"
  rm -f "$data/.ready-$i"
  if [[ $line != ready* ]]; then
    cat "$data/broker-$i.log" >&2
    stop_all
    fail "broker $i did not start; what it says is above and in $data/broker-$i.log." 1
  fi
  echo "broker=$i $line"
done
echo "cluster ready brokers=$count zookeeper=$zookeeper bootstrap=127.0.0.1:$((base + 1000)) data=$data"

# When a broker ends by itself, that is told and the others go on.
while [ ${#broker_pids[@]} -gt 0 ]; do
  wait -n -p ended "${broker_pids[@]}"
  code=$?
  [ -n "${ended:-}" ] || continue
  left=()
  for ((i = 0; i < ${#broker_pids[@]}; i++)); do
    if [ "${broker_pids[$i]}" = "$ended" ]; then
      echo "run-cluster.sh: a broker (process $ended) has ended with exit code $code; its log is in $data." >&2
    else
      left+=("${broker_pids[$i]}")
    fi
  done
  broker_pids=("${left[@]+"${left[@]}"}")
done
stop_all
fail "no broker is left." 1
