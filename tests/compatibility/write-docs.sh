#!/usr/bin/env bash
# Writes the tables of docs/KAFKA-COMPATIBILITY.md: write-docs.sh RESULTS BOOTSTRAP ROOT. Called by run.sh.
set -u
results=$1 bootstrap=$2 root=$3
page=$root/docs/KAFKA-COMPATIBILITY.md

apis() {
  echo '| key | API | versions |'
  echo '|---|---|---|'
  /usr/bin/env python3 - "$bootstrap" "$root"/src/OrleansStream.Protocol/Kafka/Schemas/*.kafka <<'PY'
import re
import socket
import struct
import sys

host, port = sys.argv[1].rsplit(":", 1)
heads = (re.search(r"^api (\d+) (\w+)", open(path).read(), re.MULTILINE) for path in sys.argv[2:])
names = dict(head.groups() for head in heads if head)
with socket.create_connection((host, int(port))) as connection:
    stream = connection.makefile("rwb")
    request = struct.pack(">hhih", 18, 0, 1, -1)
    stream.write(struct.pack(">i", len(request)) + request)
    stream.flush()
    body = stream.read(struct.unpack(">i", stream.read(4))[0])
_, _, count = struct.unpack_from(">ihi", body)
for i in range(count):
    key, low, high = struct.unpack_from(">hhh", body, 10 + 6 * i)
    print(f"| {key} | {names[str(key)]} | {low}–{high} |")
PY
}

clients() {
  echo '| client | case | outcome |'
  echo '|---|---|---|'
  awk -F '\t' '{
    outcome = $3 == "ok" ? "works" : "**does not work**: " $5
    gsub(/\|/, "\\|", outcome)
    print "| " $2 " | " $4 " | " outcome " |"
  }' "$results"
}

# between NAME: puts stdin between the marks of NAME.
between() {
  local new
  new=$(mktemp)
  cat >"$new"
  awk -v name="$1" -v file="$new" '
    $0 == "<!-- begin " name " -->" { print; while ((getline line < file) > 0) print line; skipping = 1; next }
    $0 == "<!-- end " name " -->" { skipping = 0 }
    !skipping { print }' "$page" >"$page.new" && mv "$page.new" "$page"
  rm -f "$new"
}

apis | between apis
clients | between clients
