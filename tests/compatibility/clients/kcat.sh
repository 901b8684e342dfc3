#!/usr/bin/env bash
# kcat (librdkafka): reads BOOTSTRAP and WORK, prints one line per case: outcome, case, detail, separated by tabs.
set -u
cd "$WORK" || exit 1

report() { printf '%s\t%s\t%s\n' "$1" "$2" "$(tr '\n\t' '  ' <<<"${3:-}" | cut -c 1-160)"; }

# expect CASE EXPECTED ACTUAL
expect() {
  if [ "$2" = "$3" ]; then report ok "$1"; else report FAIL "$1" "expected '${2:0:60}', got '${3:0:80}'"; fi
}

k() { timeout 60 kcat -b "$BOOTSTRAP" "$@" 2>>kcat.err; }

expect 'list brokers (-L)' 1 "$(k -L | grep -c 'broker 1 at .*controller')"

printf 'k1:v1\nk2:v2\nk3:\n' | k -P -t kcat-keys -K: -H a=b -H c=d
expect 'produce to a new topic' 0 $?
expect 'consume keys and headers' 'k1=v1 a=b,c=d;k2=v2 a=b,c=d;k3= a=b,c=d;' "$(k -C -t kcat-keys -e -q -o beginning -f '%k=%s %h;')"
expect 'topic metadata (-L -t)' 1 "$(k -L -t kcat-keys | grep -c 'partition 0, leader 1, replicas: 1, isrs: 1')"

seq 1 20000 >lines.txt
for codec in none gzip snappy lz4 zstd; do
  k -P -t "kcat-$codec" -z "$codec" -l lines.txt
  expect "codec $codec" "$(cksum <lines.txt)" "$(k -C -t "kcat-$codec" -e -q -o beginning | cksum)"
done

k -P -t kcat-idempotent -X enable.idempotence=true -z lz4 -l lines.txt
expect 'idempotent producer' "$(cksum <lines.txt)" "$(k -C -t kcat-idempotent -e -q -o beginning | cksum)"
for acks in 0 1; do
  k -P -t "kcat-acks$acks" -X "acks=$acks" -l lines.txt
  expect "acks=$acks" 20000 "$(k -C -t "kcat-acks$acks" -c 20000 -q -o beginning | wc -l)"
done

head -c 1048000 /dev/urandom >large.bin
for i in 1 2 3; do k -P -t kcat-large -X message.max.bytes=2000000 large.bin; done
expect '1 MiB messages' "$(cat large.bin large.bin large.bin | cksum)" "$(k -C -t kcat-large -e -q -o beginning -D '' | cksum)"
head -c 1100000 /dev/urandom >toolarge.bin
k -P -t kcat-large -X message.max.bytes=2000000 toolarge.bin
expect 'too large a message is refused' 1 $?

sleep 0.05
from=$(date +%s%3N)
seq 4 8 | k -P -t kcat-keys
expect 'offset by timestamp (-Q)' 'kcat-keys [0] offset 3' "$(k -Q -t "kcat-keys:0:$from")"
expect 'consume from a timestamp' '3 4 5 6 7 ' "$(k -C -t kcat-keys -e -q -o "s@$from" -f '%o ')"
expect 'consume the last two' '6 7 ' "$(k -C -t kcat-keys -e -q -o -2 -f '%o ')"
expect 'consume from an offset' '3 4 ' "$(k -C -t kcat-keys -q -o 3 -c 2 -f '%o ')"
expect 'offset out of range starts over' '0' "$(k -C -t kcat-keys -q -o 1000 -c 1 -X topic.auto.offset.reset=earliest -f '%o')"
expect 'unknown topic is refused' 1 "$(k -C -t kcat-none-such -e -q -X allow.auto.create.topics=false >/dev/null; echo $?)"

echo x | k -P -t kcat-keys -X transactional.id=tx >/dev/null
[ $? -ne 124 ]
expect 'transactional producer is refused at once' 0 $?

k -P -t kcat-tail <<<'before'
timeout 20 kcat -b "$BOOTSTRAP" -C -t kcat-tail -q -u -o end -c 3 >tail.txt 2>>kcat.err &
for i in $(seq 50); do echo "live $i" | k -P -t kcat-tail; if [ "$(wc -l <tail.txt)" = 3 ]; then break; fi; done
wait
expect 'consume the tail as it grows' 3 "$(grep -c live tail.txt)"

printf 'a\nb\nc\n' | k -P -t kcat-group
# -G takes topics as arguments; the group's messages go to stderr.
g() { timeout 40 kcat -b "$BOOTSTRAP" -q -X auto.offset.reset=earliest -X session.timeout.ms=6000 "$@" 2>>kcat.err; }
expect 'consumer group reads a topic (-G)' 'a b c ' "$(g -G kcat-g -e kcat-group | tr '\n' ' ')"
echo d | k -P -t kcat-group
expect 'consumer group goes on where it was' 'd ' "$(g -G kcat-g -e kcat-group | tr '\n' ' ')"
expect 'another group reads everything' 'a b c d ' "$(g -G kcat-h -e kcat-group | tr '\n' ' ')"
expect 'static member goes on' 'a b c d ' "$(g -G kcat-s -X group.instance.id=one -e kcat-group | tr '\n' ' ')"
expect 'cooperative-sticky' 'a b c d ' "$(g -G kcat-c -X partition.assignment.strategy=cooperative-sticky -e kcat-group | tr '\n' ' ')"
