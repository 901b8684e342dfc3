#!/usr/bin/env bash
# Measures a broker with librdkafka as the client and prints a table: 1 topic, 6 partitions, acks=all.
#
#   benchmarks/librdkafka/run.sh [ROUNDS]
#
# Each row is the median of ROUNDS (default 5) after a round that only warms up. Needs gcc and librdkafka's headers
# (Debian: apt-get install gcc librdkafka-dev); LIBRDKAFKA=DIR takes another librdkafka, with DIR/include/librdkafka/rdkafka.h
# and DIR/lib. Starts a broker of its own in a directory under DATA (default: the temporary directory). With
# BOOTSTRAP=HOST:PORT and BROKER_PID=PID it measures a broker that runs already, this one or another Kafka broker; its topics
# bench-100 and bench-1024 must not exist and have 6 partitions when they are made (num.partitions=6).
# NICE=N runs broker and clients with that niceness. PROFILE=yes records perf profiles (perf.data files in DATA) of each row.
set -u
here=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")" && pwd)
root=$(cd "$here/../.." && pwd)
rounds=${1:-5}
case $rounds in '' | *[!0-9]* | 0) echo "ROUNDS is a positive number, not '$rounds'." >&2; exit 2 ;; esac
small_records=${SMALL_RECORDS:-4000000}
large_records=${LARGE_RECORDS:-1000000}
seconds=${SECONDS_OF_LATENCY:-10}
nice=${NICE:-0}
WORK=$(mktemp -d -p "${DATA:-${TMPDIR:-/tmp}}")
started=
stop() {
  if [ -n "$started" ]; then
    kill "$started" 2>/dev/null
    wait "$started" 2>/dev/null
  fi
  if [ "${PROFILE:-no}" = yes ]; then echo "profiles: $WORK/*.perf"; rm -rf "$WORK/data"; else rm -rf "$WORK"; fi
}
trap stop EXIT

flags=(-lrdkafka)
if [ -n "${LIBRDKAFKA:-}" ]; then flags=(-isystem "$LIBRDKAFKA/include" "-L$LIBRDKAFKA/lib" "-Wl,-rpath,$LIBRDKAFKA/lib" -lrdkafka); fi
gcc -O2 -Wall -Wextra -o "$WORK/load" "$here/load.c" "${flags[@]}" -lpthread || exit 1

now_ms() { date +%s%3N; }
kib_of() { sed -n "s/^$1:[^0-9]*\([0-9]*\).*/\1/p" "/proc/$BROKER_PID/status"; }
mb_of() { echo $(($(kib_of "$1") / 1024)); }
median() { sort -n | awk '{v[NR] = $1} END {print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2}'; }
cpu_s() { awk -v ticks="$(getconf CLK_TCK)" '{sub(/.*\) /, ""); print ($12 + $13) / ticks}' "/proc/$BROKER_PID/stat"; }
field() { sed -n "s/.*$1=\([0-9.]*\).*/\1/p"; }

if [ -z "${BOOTSTRAP:-}" ]; then
  # shellcheck source=../../eng/build.sh
  . "$root/eng/build.sh"
  ostream_build run
  read -r kafka_port gateway_port silo_port <<<"$(/usr/bin/env python3 -c '
import socket
held = [socket.create_server(("127.0.0.1", 0)) for _ in range(3)]
print(*(one.getsockname()[1] for one in held))')"
  if [ "${PROFILE:-no}" = yes ]; then export DOTNET_PerfMapEnabled=1 DOTNET_EnableWriteXorExecute=0; fi
  begin=$(now_ms)
  nice -n "$nice" "$DOTNET" "$root/silo-host/bin/Release/net10.0/silo-host.dll" --kafka-port "$kafka_port" --gateway-port "$gateway_port" \
    --silo-port "$silo_port" --dashboard-port 0 --data-dir "$WORK/data" --set num.partitions=6 >"$WORK/broker.out" 2>"$WORK/broker.err" &
  started=$!
  until grep -q '^ready ' "$WORK/broker.out"; do
    kill -0 "$started" 2>/dev/null || { cat "$WORK/broker.err" >&2; exit 1; }
    sleep 0.01
  done
  ready_ms=$(($(now_ms) - begin))
  BROKER_PID=$started
  BOOTSTRAP=127.0.0.1:$kafka_port
  sleep 1
fi
: "${BROKER_PID:?BROKER_PID is the process id of the broker at BOOTSTRAP}"
fresh_mb=$(mb_of VmRSS)

# row NAME MILLIONS ARGUMENT...: runs the load ROUNDS + 1 times; its figures go to NAME.out, the broker's CPU to NAME.cpu.
row() {
  local name=$1 millions=$2 round before recorder=
  shift 2
  for ((round = 0; round <= rounds; round++)); do
    before=$(cpu_s)
    if [ "${PROFILE:-no}" = yes ] && [ "$round" = "$rounds" ]; then
      perf record -q -F 999 -g -p "$BROKER_PID" -o "$WORK/$name.perf" 2>/dev/null &
      recorder=$!
    fi
    if ! nice -n "$nice" "$WORK/load" "$@" >"$WORK/line" 2>"$WORK/load.err"; then
      echo "$name failed:" >&2
      head -n 5 "$WORK/load.err" >&2
      exit 1
    fi
    if [ -n "$recorder" ]; then kill -INT "$recorder"; wait "$recorder" 2>/dev/null; fi
    echo "$name: $(cat "$WORK/line") broker_cpu_s=$(awk -v a="$before" -v b="$(cpu_s)" 'BEGIN {print b - a}') load=$(cut -d' ' -f 1 /proc/loadavg)" >&2
    if [ "$round" -gt 0 ]; then
      cat "$WORK/line" >>"$WORK/$name.out"
      awk -v a="$before" -v b="$(cpu_s)" -v m="$millions" 'BEGIN {print (b - a) / m}' >>"$WORK/$name.cpu"
    fi
  done
}
of() { field "$2" <"$WORK/$1.out" | median; }
cpu_of() { median <"$WORK/$1.cpu" | awk '{printf "%.2f", $1}'; }
count() { awk -v n="$1" 'BEGIN {if (n >= 1e6) printf "%.2f M", n / 1e6; else printf "%.0f k", n / 1e3}'; }

batching=(acks=all linger.ms=10 batch.size=1000000 batch.num.messages=100000 queue.buffering.max.messages=1000000)
row produce-100 "$(awk -v n="$small_records" 'BEGIN {print n / 1e6}')" produce "$BOOTSTRAP" bench-100 "$small_records" 100 "${batching[@]}"
row produce-1024 "$(awk -v n="$large_records" 'BEGIN {print n / 1e6}')" produce "$BOOTSTRAP" bench-1024 "$large_records" 1024 "${batching[@]}"
loaded_mb=$(mb_of VmRSS)
peak_mb=$(mb_of VmHWM)
# What the rounds above have written is read from the beginning, twice the records of a round.
row consume-100 "$(awk -v n="$small_records" 'BEGIN {print 2 * n / 1e6}')" consume "$BOOTSTRAP" bench-100 $((2 * small_records)) 6
row consume-1024 "$(awk -v n="$large_records" 'BEGIN {print 2 * n / 1e6}')" consume "$BOOTSTRAP" bench-1024 $((2 * large_records)) 6
row latency 1 latency "$BOOTSTRAP" bench-latency "$seconds" 100 6 acks=all linger.ms=0

cat <<TABLE
| librdkafka, $rounds rounds, load $(cut -d' ' -f 1 /proc/loadavg) | |
|---|---|
| produce 100 B, records/s | $(count "$(of produce-100 records_per_s)") |
| produce 1 KiB, records/s | $(count "$(of produce-1024 records_per_s)") ($(of produce-1024 mb_per_s | cut -d. -f1) MB/s) |
| consume 100 B / 1 KiB, records/s | $(count "$(of consume-100 records_per_s)") / $(count "$(of consume-1024 records_per_s)") |
| end to end p50 / p99 at 1,000 records/s, ms | $(of latency p50_ms) / $(of latency p99_ms) |
| broker CPU s per million 100 B / 1 KiB produced | $(cpu_of produce-100) / $(cpu_of produce-1024) |
| broker CPU s per million 100 B / 1 KiB consumed | $(cpu_of consume-100) / $(cpu_of consume-1024) |
| start to ready, s | ${ready_ms:+$(awk -v n="$ready_ms" 'BEGIN {printf "%.2f", n / 1000}')} |
| memory fresh → loaded (peak), MB | $fresh_mb → $loaded_mb ($peak_mb) |
TABLE
