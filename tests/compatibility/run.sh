#!/usr/bin/env bash
# Tries real Kafka clients against a broker of their own and prints a table of what works.
#
#   tests/compatibility/run.sh [--write-docs] [CLIENT...]
#
# Clients: kcat kafkajs platformatic kafka-python sarama franz-go confluent java librdkafka librdkafka-groups native mixed
# mixed-java mixed-protocols (all without a name). What is missing is installed where that is possible
# (apt-get as root; npm into artifacts/compatibility), else the client is skipped. A case that stands in expected.txt
# and fails makes the run fail; one that works and does not stand there is pointed out, to be added.
# franz-go is built in FRANZ_GO, a directory with a go.mod that finds it (default: one that is made, which needs a Go module proxy);
# java and mixed-java run with the jars in the directory KAFKA_JAVA, Kafka's clients and what they need, and a JDK;
# librdkafka runs that library's own tests, if LIBRDKAFKA_TESTS is the directory of its built test-runner; confluent is built
# with the packages Confluent.Kafka and librdkafka.redist, and mixed-protocols puts the library of the latter under kcat, for groups of the
# consumer protocol; RDKAFKA, a librdkafka.so.1, takes its place in both. librdkafka-groups takes half an hour.
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
    kcat | kafkajs | platformatic | kafka-python | sarama | franz-go | confluent | java | librdkafka | librdkafka-groups | native | mixed | mixed-java | mixed-protocols) clients+=("$argument") ;;
    *)
      echo "There is no client '$argument'; there are kcat, kafkajs, platformatic, kafka-python, sarama, franz-go, confluent, java, librdkafka, librdkafka-groups, native, mixed, mixed-java and mixed-protocols." >&2
      exit 2
      ;;
  esac
done
if [ ${#clients[@]} = 0 ]; then clients=(kcat kafkajs platformatic kafka-python sarama franz-go confluent java librdkafka librdkafka-groups native mixed mixed-java mixed-protocols); fi

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

# sarama as Debian packages it, built outside of modules.
build_sarama() {
  install go golang-go || return 1
  if [ ! -d /usr/share/gocode/src/github.com/Shopify/sarama ]; then
    [ "$(id -u)" = 0 ] && DEBIAN_FRONTEND=noninteractive apt-get install -y -q golang-github-shopify-sarama-dev >/dev/null 2>&1 || return 1
  fi
  GO111MODULE=off GOFLAGS='' GOPATH=/usr/share/gocode go build -o "$modules/sarama" "$here/clients/sarama.go" 2>/dev/null
}

build_franz() {
  install go golang-go || return 1
  local module=${FRANZ_GO:-$modules/franz-go}
  mkdir -p "$module/client" && cp "$here/clients/franz.go" "$module/client/main.go" || return 1
  if [ ! -f "$module/go.mod" ]; then
    (cd "$module" && go mod init clients && go get github.com/twmb/franz-go@v1.15.4 github.com/twmb/franz-go/pkg/kadm@v1.10.0) >/dev/null 2>&1 || return 1
  fi
  (cd "$module" && GOFLAGS=-mod=mod go build -o "$modules/franz" ./client 2>/dev/null)
}

# Confluent.Kafka, which brings librdkafka.redist.
build_confluent() {
  mkdir -p "$modules/confluent" && cp "$here/clients/confluent_kafka.cs" "$modules/confluent/Program.cs" || return 1
  for file in Directory.Build.props Directory.Build.targets Directory.Packages.props; do echo '<Project />' >"$modules/confluent/$file"; done
  cat >"$modules/confluent/confluent.csproj" <<'PROJECT'
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup><OutputType>Exe</OutputType><TargetFramework>net10.0</TargetFramework><ImplicitUsings>enable</ImplicitUsings></PropertyGroup>
  <ItemGroup>
    <PackageReference Include="Confluent.Kafka" Version="2.16.0" />
  </ItemGroup>
</Project>
PROJECT
  (cd "$modules/confluent" && "$DOTNET" build -v quiet -nologo -nodeReuse:false -o out >build.log 2>&1)
}

# Sets RDKAFKA, a librdkafka of today: the one that was given, or the package's for this machine.
find_librdkafka() {
  [ -f "${RDKAFKA:-}" ] && return 0
  local machine
  case $(uname -m) in
    x86_64) machine=x64 ;;
    aarch64) machine=arm64 ;;
    *) return 1 ;;
  esac
  build_confluent || return 1
  RDKAFKA=$modules/confluent/out/runtimes/linux-$machine/native/librdkafka.so
  export RDKAFKA
  [ -f "$RDKAFKA" ]
}

build_java() {
  [ -d "${KAFKA_JAVA:-}" ] && install javac default-jdk-headless || return 1
  javac -proc:none -cp "$KAFKA_JAVA/*" -d "$modules/java" "$here"/clients/Java*.java 2>/dev/null
}

librdkafka_version() {
  /usr/bin/env python3 -c 'import ctypes, sys
text = ctypes.CDLL(sys.argv[1]).rd_kafka_version_str
text.restype = ctypes.c_char_p
print(text().decode())' "$1"
}

version_of() {
  case $1 in
    kcat | native) kcat -V | sed -n 's/^Version \([0-9.]*\).*librdkafka \([0-9.]*\).*/kcat \1 (librdkafka \2)/p' ;;
    mixed) echo "mixed groups: kafkajs, kcat (librdkafka 2.0) and ostream" ;;
    java) echo "Java $(java -cp "$modules/java:$KAFKA_JAVA/*" JavaClients --version)" ;;
    mixed-java) echo "mixed groups: Java $(java -cp "$modules/java:$KAFKA_JAVA/*" JavaClients --version) and ostream" ;;
    mixed-protocols) echo "mixed groups: librdkafka $(librdkafka_version "$RDKAFKA") and ostream" ;;
    kafkajs) echo "kafkajs $(node -p "require('$modules/node_modules/kafkajs/package.json').version")" ;;
    platformatic) echo "@platformatic/kafka $(node -p "require('$modules/node_modules/@platformatic/kafka/package.json').version")" ;;
    sarama) echo "sarama $(dpkg-query -W -f '${Version}' golang-github-shopify-sarama-dev 2>/dev/null | cut -d- -f1)" ;;
    franz-go) echo "franz-go $(sed -n 's/.*twmb\/franz-go v\([0-9.]*\).*/\1/p' "${FRANZ_GO:-$modules/franz-go}/go.mod" | head -n 1)" ;;
    confluent) echo "Confluent.Kafka 2.16.0 (librdkafka $("$DOTNET" "$modules/confluent/out/confluent.dll" --version))" ;;
    librdkafka | librdkafka-groups) echo "librdkafka $(librdkafka_version "$(ldd "$LIBRDKAFKA_TESTS/test-runner" | sed -n 's/.*librdkafka\.so\.1 => \([^ ]*\).*/\1/p')"), its own tests" ;;
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

# start_broker NAME [OPTION...]: a broker of this name in WORK; sets broker and exports where it is.
start_broker() {
  local name=$1 kafka_port gateway_port silo_port
  shift
  read -r kafka_port gateway_port silo_port <<<"$(free_ports)"
  "$DOTNET" "$root/silo-host/bin/Release/net10.0/silo-host.dll" --kafka-port "$kafka_port" --gateway-port "$gateway_port" \
    --silo-port "$silo_port" --dashboard-port 0 --data-dir "$WORK/$name" "$@" >"$WORK/$name.out" 2>"$WORK/$name.err" &
  broker=$!
  for _ in $(seq 300); do
    grep -q '^ready ' "$WORK/$name.out" && break
    kill -0 "$broker" 2>/dev/null || break
    sleep 0.1
  done
  if ! grep -q '^ready ' "$WORK/$name.out"; then
    echo "The broker did not start:" >&2
    cat "$WORK/$name.err" >&2
    exit 1
  fi
  export BOOTSTRAP=127.0.0.1:$kafka_port GATEWAY=127.0.0.1:$gateway_port
}

start_broker broker
export WORK OSTREAM=$root/ostream
export MODULES=$modules NODE_PATH=$modules/node_modules KAFKAJS_NO_PARTITIONER_WARNING=1

# name TAB version TAB outcome TAB case TAB detail
results=$WORK/results.tsv
: >"$results"
skipped=()
for client in "${clients[@]}"; do
  case $client in
    kcat) install kcat kcat && program=("$here/clients/kcat.sh") ;;
    native) install kcat kcat && program=("$here/clients/native.sh") ;;
    mixed) install kcat kcat && npm_packages && program=(bash "$here/clients/mixed.sh" assignors) ;;
    mixed-protocols) find_librdkafka && install kcat kcat && program=(bash "$here/clients/mixed.sh" protocols) ;;
    kafkajs) npm_packages && program=(node "$here/clients/kafkajs.js") ;;
    platformatic) npm_packages && program=(node "$here/clients/platformatic.mjs") ;;
    sarama) build_sarama && program=("$modules/sarama") ;;
    franz-go) build_franz && program=("$modules/franz") ;;
    confluent) build_confluent && program=("$DOTNET" "$modules/confluent/out/confluent.dll") ;;
    java) build_java && program=(java -cp "$modules/java:$KAFKA_JAVA/*" JavaClients) ;;
    mixed-java) build_java && program=(bash "$here/clients/mixed.sh" java) ;;
    librdkafka) [ -x "${LIBRDKAFKA_TESTS:-}/test-runner" ] && program=(bash "$here/clients/librdkafka.sh") ;;
    librdkafka-groups) [ -x "${LIBRDKAFKA_TESTS:-}/test-runner" ] && program=(bash "$here/clients/librdkafka.sh" groups) ;;
    kafka-python) python_packages && program=(/usr/bin/python3 "$here/clients/kafka_python.py") ;;
  esac || { skipped+=("$client"); continue; }
  echo "Trying $client ..." >&2
  main_broker=$broker main_bootstrap=$BOOTSTRAP main_gateway=$GATEWAY
  case $client in
    librdkafka) start_broker four-partitions --set num.partitions=4 ;;
    librdkafka-groups) start_broker groups --set num.partitions=4 --set group.initial.rebalance.delay.ms=100 ;;
  esac
  version=$(version_of "$client")
  if [ "$client" = native ]; then version="ostream and $version"; fi
  (cd "$WORK" && timeout "${TIMEOUT:-3600}" "${program[@]}" 2>"$WORK/$client.err") | sed "s#^#$client\t$version\t#" >>"$results"
  if [ "$broker" != "$main_broker" ]; then
    kill "$broker"
    wait "$broker" 2>/dev/null
    broker=$main_broker BOOTSTRAP=$main_bootstrap GATEWAY=$main_gateway
  fi
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
