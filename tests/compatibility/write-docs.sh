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

# The rows of the clients that were tried, in place of those that the page has of them; a client is known by its name without the version.
# librdkafka's own tests come in two parts, so their rows stay unless the same case was tried.
clients() {
  echo '| client | case | outcome |'
  echo '|---|---|---|'
  /usr/bin/env python3 - "$results" "$page" <<'PY'
import re
import sys

def client_of(row):
    version, case = row[2:].split(" | ")[:2]
    name = re.split(r"\d", version)[0]
    return (name, case) if name == "librdkafka " else name

tried = {}
for line in open(sys.argv[1]):
    _, version, outcome, case, detail = line.rstrip("\n").split("\t")
    outcome = "works" if outcome == "ok" else f"**does not work**: {detail}"
    row = "| " + " | ".join(cell.replace("|", "\\|") for cell in (version, case, outcome)) + " |"
    tried.setdefault(client_of(row), []).append(row)
table = open(sys.argv[2]).read().split("<!-- begin clients -->\n")[1].split("<!-- end clients -->")[0]
written = set()
for row in table.splitlines()[2:]:
    client = client_of(row)
    if client not in tried:
        print(row)
    elif client not in written:
        written.add(client)
        print(*tried[client], sep="\n")
for client, rows in tried.items():
    if client not in written:
        print(*rows, sep="\n")
PY
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
