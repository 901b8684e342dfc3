#!/usr/bin/env bash
# Tries real Kafka clients against a broker of their own and prints a table of what works.
#
#   tests/compatibility/run.sh [--write-docs] [CLIENT...]
#
# Clients: kcat kafkajs platformatic kafka-python native (all without a name). What is missing is installed where that is possible
# (apt-get as root; npm into artifacts/compatibility), else the client is skipped. A case that stands in expected.txt
# and fails makes the run fail; one that works and does not stand there is pointed out, to be added.
# --write-docs puts the tables into docs/KAFKA-COMPATIBILITY.md.
set -u
here=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")" && pwd)
root=$(cd "$here/../.." && pwd)
# shellcheck source=../../eng/build.sh
. "$root/eng/build.sh"

write_docs=no
clients=()
for argument in "$@"; do
  case $argument in
    --write-docs) write_docs=yes ;;
    kcat | kafkajs | platformatic | kafka-python | native) clients+=("$argument") ;;
    *)
      echo "There is no client '$argument'; there are kcat, kafkajs, platformatic, kafka-python and native." >&2
      exit 2
      ;;
  esac
done
if [ ${#clients[@]} = 0 ]; then clients=(kcat kafkajs platformatic kafka-python native); fi

ostream_build run
modules=$root/artifacts/compatibility
mkdir -p "$modules"
WORK=$(mktemp -d)
broker=
stop() {
  if [ -n "$broker" ]; then
    kill "$broker" 2>/dev/null
    wait "$broker" 2>/dev/null
  fi
  rm -rf "$WORK"
}
trap stop EXIT

# install PROGRAM PACKAGE...: true when the program is there in the end.
install() {
  if ! command -v "$1" >/dev/null 2>&1 && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    DEBIAN_FRONTEND=noninteractive apt-get install -y -q "${@:2}" >/dev/null 2>&1
  fi
  command -v "$1" >/dev/null 2>&1
}

npm_packages() {
  command -v node >/dev/null 2>&1 && command -v npm >/dev/null 2>&1 || return 1
  cp "$here/package.json" "$modules/"
  [ -d "$modules/node_modules/kafkajs" ] && [ -d "$modules/node_modules/@platformatic/kafka" ] ||
    (cd "$modules" && npm install --no-audit --no-fund --silent >/dev/null 2>&1)
}

python_packages() {
  /usr/bin/python3 -c 'import kafka' 2>/dev/null && return 0
  [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1 || return 1
  DEBIAN_FRONTEND=noninteractive apt-get install -y -q python3-kafka python3-lz4 python3-snappy python3-zstandard >/dev/null 2>&1
  /usr/bin/python3 -c 'import kafka' 2>/dev/null
}

version_of() {
  case $1 in
    kcat | native) kcat -V | sed -n 's/^Version \([0-9.]*\).*librdkafka \([0-9.]*\).*/kcat \1 (librdkafka \2)/p' ;;
    kafkajs) echo "kafkajs $(node -p "require('$modules/node_modules/kafkajs/package.json').version")" ;;
    platformatic) echo "@platformatic/kafka $(node -p "require('$modules/node_modules/@platformatic/kafka/package.json').version")" ;;
    kafka-python) echo "kafka-python $(/usr/bin/python3 -c 'import kafka; print(kafka.__version__)')" ;;
  esac
}

# A socket that nobody listens at, found by asking for it; three, so that they differ.
free_ports() {
  /usr/bin/env python3 - <<'PY'
import socket
held = [socket.create_server(("127.0.0.1", 0)) for _ in range(3)]
print(*(one.getsockname()[1] for one in held))
PY
}

read -r kafka_port gateway_port silo_port <<<"$(free_ports)"
"$DOTNET" "$root/silo-host/bin/Release/net10.0/silo-host.dll" --kafka-port "$kafka_port" --gateway-port "$gateway_port" \
  --silo-port "$silo_port" --dashboard-port 0 --data-dir "$WORK/data" >"$WORK/broker.out" 2>"$WORK/broker.err" &
broker=$!
for _ in $(seq 300); do
  grep -q '^ready ' "$WORK/broker.out" && break
  kill -0 "$broker" 2>/dev/null || break
  sleep 0.1
done
if ! grep -q '^ready ' "$WORK/broker.out"; then
  echo "The broker did not start:" >&2
  cat "$WORK/broker.err" >&2
  exit 1
fi

export WORK BOOTSTRAP=127.0.0.1:$kafka_port GATEWAY=127.0.0.1:$gateway_port OSTREAM=$root/ostream
export MODULES=$modules NODE_PATH=$modules/node_modules KAFKAJS_NO_PARTITIONER_WARNING=1

# name TAB version TAB outcome TAB case TAB detail
results=$WORK/results.tsv
: >"$results"
skipped=()
for client in "${clients[@]}"; do
  case $client in
    kcat) install kcat kcat && program=("$here/clients/kcat.sh") ;;
    native) install kcat kcat && program=("$here/clients/native.sh") ;;
    kafkajs) npm_packages && program=(node "$here/clients/kafkajs.js") ;;
    platformatic) npm_packages && program=(node "$here/clients/platformatic.mjs") ;;
    kafka-python) python_packages && program=(/usr/bin/python3 "$here/clients/kafka_python.py") ;;
  esac || { skipped+=("$client"); continue; }
  echo "Trying $client ..." >&2
  version=$(version_of "$client")
  if [ "$client" = native ]; then version="ostream and $version"; fi
  (cd "$WORK" && timeout 240 "${program[@]}" 2>"$WORK/$client.err") | sed "s#^#$client\t$version\t#" >>"$results"
done

# What the broker logged is a finding too: clients in order cause no warning.
logged=$(grep -c . "$WORK/broker.err")

unexpected=0
additions=()
while IFS=$'\t' read -r client version outcome name detail; do
  printf '%-13s %-5s %-50s %s\n' "$client" "$outcome" "$name" "$detail"
  if grep -qxF "$client: $name" "$here/expected.txt"; then
    if [ "$outcome" != ok ]; then unexpected=$((unexpected + 1)); fi
  elif [ "$outcome" = ok ]; then
    additions+=("$client: $name")
  fi
done <"$results"
while IFS= read -r line; do
  client=${line%%: *}
  name=${line#*: }
  if [[ " ${clients[*]} " == *" $client "* && " ${skipped[*]-} " != *" $client "* ]] && ! cut -f 1,4 "$results" | grep -qxF "$client"$'\t'"$name"; then
    echo "$client: '$name' is expected and was not tried."
    unexpected=$((unexpected + 1))
  fi
done <"$here/expected.txt"

for client in "${skipped[@]+"${skipped[@]}"}"; do echo "skipped: $client, which is not here and cannot be installed"; done
for addition in "${additions[@]+"${additions[@]}"}"; do echo "works, add to expected.txt: $addition"; done
if [ "$logged" -gt 0 ]; then
  echo "The broker logged $logged lines:"
  head -n 20 "$WORK/broker.err"
fi

if [ "$write_docs" = yes ]; then bash "$here/write-docs.sh" "$results" "$BOOTSTRAP" "$root"; fi
echo "$(cut -f 3 "$results" | grep -c '^ok') work, $(cut -f 3 "$results" | grep -c '^FAIL') do not, $unexpected of them unexpectedly"
[ "$unexpected" = 0 ]
