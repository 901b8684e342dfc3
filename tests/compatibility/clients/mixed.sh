#!/usr/bin/env bash
# Groups with members of several clients, one after the other replaced while records come (a rolling restart): each record once, and nothing left
# uncommitted. mixed.sh assignors: the same assignor in several clients; mixed.sh java: the same with Kafka's Java client, and KIP-848; mixed.sh
# protocols: librdkafka of today, classic and KIP-848. Reads BOOTSTRAP, GATEWAY, OSTREAM, MODULES and WORK, for the second KAFKA_JAVA, a directory
# of jars, and for the third RDKAFKA, a librdkafka.so.1 that knows group.protocol=consumer.
set -u
mkdir -p "$WORK/mixed" && cd "$WORK/mixed" || exit 1

report() { printf '%s\t%s\t%s\n' "$1" "$2" "$(tr '\n\t' '  ' <<<"${3:-}" | cut -c 1-160)"; }
o() { timeout 60 "$OSTREAM" "$@" --bootstrap "$GATEWAY" 2>>ostream.err; }

# The members of a group, by the numbers they were started with.
declare -A pids=()
group= topic= sent=0

# start NUMBER PROGRAM...: a member that prints values to GROUP.NUMBER.
start() {
  local number=$1
  shift
  "$@" >"$group.$number" 2>>"$group.err" &
  pids[$number]=$!
}
kcat_member() {
  start "$1" kcat -b "$BOOTSTRAP" -G "$group" -u -q -X auto.offset.reset=earliest -X heartbeat.interval.ms=300 -X session.timeout.ms=6000 \
    -X partition.assignment.strategy="$2" "$topic"
}
# librdkafka of today under kcat, with the protocol of KIP-848.
new_kcat_member() { start "$1" env LD_PRELOAD="$RDKAFKA" kcat -b "$BOOTSTRAP" -G "$group" -u -q -X auto.offset.reset=earliest -X group.protocol=consumer "$topic"; }
old_kcat_member() { start "$1" env LD_PRELOAD="$RDKAFKA" kcat -b "$BOOTSTRAP" -G "$group" -u -q -X auto.offset.reset=earliest -X heartbeat.interval.ms=300 \
  -X session.timeout.ms=6000 -X partition.assignment.strategy="$2" "$topic"; }
kafkajs_member() { start "$1" node "$(dirname "${BASH_SOURCE[0]}")/member.js" "$group" "$topic"; }
java_member() { start "$1" java -XX:TieredStopAtLevel=1 -cp "$MODULES/java:$KAFKA_JAVA/*" JavaMember "$group" "$topic" "${@:2}"; }
ostream_member() { start "$1" "$OSTREAM" consume "$topic" --group "$group" --from-beginning --bootstrap "$GATEWAY" "${@:2}"; }

# stop NUMBER: SIGTERM, and its end.
stop() {
  kill "${pids[$1]}" 2>/dev/null
  wait "${pids[$1]}" 2>/dev/null
  unset "pids[$1]"
}
stop_all() { for number in "${!pids[@]}"; do stop "$number"; done; }
trap 'stop_all' EXIT

# until SECONDS COMMAND...: whether it came true in time.
until_true() {
  local looks=$(($1 * 5))
  shift
  for _ in $(seq "$looks"); do
    "$@" && return 0
    sleep 0.2
  done
  return 1
}
is_stable() { o groups describe "$group" --json | grep -q '"state":"Stable"' && [ "$(o groups describe "$group" --json | grep -o '"memberId":"[^"]*"' | sort -u | wc -l)" = "${#pids[@]}" ]; }
has_lines() { [ "$(cat "$group".[0-9]* | wc -l)" -ge "$1" ]; }

# send: 300 records more, and waits until the members have shown them all.
send() {
  seq $((sent + 1)) $((sent + 300)) | sed 's/.*/&|&/' >records.txt
  sent=$((sent + 300))
  o produce "$topic" --file records.txt --key-separator '|' >/dev/null
  until_true 30 has_lines "$sent"
}
# settle: the members that were started are the group's, and each has partitions.
settle() { until_true 30 is_stable || echo "not stable with ${#pids[@]} members: $(o groups describe "$group" --json | cut -c 1-200)" >>"$group.problems"; }

begin() {
  group=mixed-$1 topic=mixed-$1 sent=0
  rm -f "$group".*
  o topics create "$topic" --partitions 6 >/dev/null
}
# finish NAME: every record once, by more than one member, and nothing uncommitted.
finish() {
  local readers lag
  until_true 10 has_lines "$sent"
  stop_all
  readers=$(find . -name "$group.[0-9]*" -size +0 | wc -l)
  lag=$(o groups describe "$group" --json | grep -o '"lag":[0-9]*' | head -n 1)
  if [ -s "$group.problems" ]; then
    report FAIL "$1" "$(head -n 1 "$group.problems")"
  elif ! cat "$group".[0-9]* | sort -n | cmp -s - <(seq 1 "$sent"); then
    report FAIL "$1" "$(cat "$group".[0-9]* | sort -n | uniq -d | wc -l) records twice, $(cat "$group".[0-9]* | sort -nu | wc -l) of $sent at all"
  elif [ "$readers" -lt "$2" ] || [ "$lag" != '"lag":0' ]; then
    report FAIL "$1" "$readers members read, $lag"
  else
    report ok "$1"
  fi
}

# rolling NAME MEMBERS-THAT-READ A B: A and B are commands that start a member with the number they are given.
rolling() {
  "${@:3:1}" 1
  "${@:4:1}" 2
  settle && send
  "${@:3:1}" 3
  settle && stop 1 && settle && send
  "${@:4:1}" 4
  settle && stop 2 && settle && send
  finish "$1" "$2"
}

if [ "$1" = assignors ]; then
  begin kafkajs
  ostream_round_robin() { ostream_member "$1" --assignor RoundRobinAssigner; }
  rolling 'kafkajs and ostream, RoundRobinAssigner' 4 kafkajs_member ostream_round_robin

  for assignor in range roundrobin cooperative-sticky; do
    begin "kcat-$assignor"
    kcat_one() { kcat_member "$1" "$assignor"; }
    ostream_one() { ostream_member "$1" --assignor "$assignor"; }
    rolling "kcat and ostream, $assignor" 4 kcat_one ostream_one
  done
elif [ "$1" = java ]; then
  for assignor in RangeAssignor:range StickyAssignor:sticky CooperativeStickyAssignor:cooperative-sticky; do
    begin "java-${assignor#*:}"
    java_one() { java_member "$1" "partition.assignment.strategy=org.apache.kafka.clients.consumer.${assignor%:*}" heartbeat.interval.ms=300; }
    ostream_one() { ostream_member "$1" --assignor "${assignor#*:}"; }
    rolling "Java and ostream, ${assignor#*:}" 4 java_one ostream_one
  done

  begin java-consumer
  java_one() { java_member "$1" group.protocol=consumer; }
  ostream_one() { ostream_member "$1" --group-protocol consumer; }
  rolling 'Java and ostream, consumer protocol' 4 java_one ostream_one
else
  begin protocols
  ostream_consumer() { ostream_member "$1" --group-protocol consumer; }
  rolling 'librdkafka and ostream, consumer protocol' 4 new_kcat_member ostream_consumer

  # A group of the classic protocol becomes one of the consumer protocol member by member, and goes back.
  begin upgrade
  old_kcat_member 1 range
  ostream_member 2 --assignor range
  settle && send
  new_kcat_member 3
  settle && stop 1 && settle && send
  ostream_member 4 --group-protocol consumer
  settle && stop 2 && settle && send
  finish 'upgrade to the consumer protocol, librdkafka and ostream' 4

  begin downgrade
  new_kcat_member 1
  ostream_member 2 --group-protocol consumer
  settle && send
  old_kcat_member 3 range
  settle && stop 1 && settle && send
  ostream_member 4 --assignor range
  settle && stop 2 && settle && send
  finish 'downgrade to the classic protocol, librdkafka and ostream' 4
fi
