#!/usr/bin/env bash
# Records written by a Kafka client and read by ostream, and the other way round. Reads BOOTSTRAP, GATEWAY, OSTREAM and WORK.
set -u
cd "$WORK" || exit 1

report() { printf '%s\t%s\t%s\n' "$1" "$2" "$(tr '\n\t' '  ' <<<"${3:-}" | cut -c 1-160)"; }

expect() {
  if [ "$2" = "$3" ]; then report ok "$1"; else report FAIL "$1" "expected '${2:0:60}', got '${3:0:80}'"; fi
}

k() { timeout 60 kcat -b "$BOOTSTRAP" "$@" 2>>native.err; }
o() { timeout 60 "$OSTREAM" "$@" --bootstrap "$GATEWAY" 2>>native.err; }

seq 1 5000 | sed 's/^\(.*\)$/key-\1|wért-\1/' >pairs.txt
o topics create mixed --partitions 1 >/dev/null
for codec in none gzip snappy lz4 zstd; do
  k -P -t "from-kcat-$codec" -K '|' -z "$codec" -H origin=kcat -l pairs.txt
  expect "kcat to ostream, $codec" "$(cksum <pairs.txt)" \
    "$(o consume "from-kcat-$codec" --from-beginning --exit-at-end --print-key --key-separator '|' | cksum)"
  o produce "from-ostream-$codec" --file pairs.txt --key-separator '|' --compression "$codec" --header origin=ostream >/dev/null
  expect "ostream to kcat, $codec" "$(cksum <pairs.txt)" "$(k -C -t "from-ostream-$codec" -e -q -o beginning -f '%k|%s\n' | cksum)"
done

expect 'headers from kcat' 'origin:kcat' "$(o consume from-kcat-none --from-beginning --max 1 --print-headers --key-separator ' ' | cut -d' ' -f1)"
expect 'headers from ostream' 'origin=ostream' "$(k -C -t from-ostream-none -e -q -o beginning -c 1 -f '%h')"
expect 'the same timestamps' \
  "$(k -C -t from-ostream-none -e -q -o beginning -f '%T\n' | cksum)" \
  "$(o consume from-ostream-none --from-beginning --exit-at-end --print-timestamp --key-separator ' ' | cut -d' ' -f1 | cksum)"
for i in 1 2 3; do
  echo "kcat $i" | k -P -t mixed
  echo "ostream $i" | o produce mixed >/dev/null
done
both='kcat 1,ostream 1,kcat 2,ostream 2,kcat 3,ostream 3,'
expect 'both write to one topic, ostream reads' "$both" "$(o consume mixed --from-beginning --exit-at-end | tr '\n' ,)"
expect 'both write to one topic, kcat reads' "$both" "$(k -C -t mixed -e -q -o beginning | tr '\n' ,)"
expect 'a topic of ostream is listed' 1 "$(k -L -t mixed | grep -c 'partition 0, leader 1')"
