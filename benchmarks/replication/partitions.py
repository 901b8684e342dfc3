#!/usr/bin/env python3
"""Measures 1,000 partitions with three replicas each on three brokers of one machine.

    benchmarks/replication/partitions.py [--partitions N] [--idle SECONDS] [--set KEY=VALUE]...

Creates the topic, looks at memory and at the processor while nothing is produced, ends a broker and waits until all partitions have
leaders that answer; then starts the broker again and waits until it is in every ISR. Five times: kill -9 of a broker that is not the
controller and of the controller, first as it is, noticed by the other brokers, then with their ephemeral nodes removed from ZooKeeper at once,
which leaves that time out; and SIGTERM. Needs ZooKeeper as run-cluster.sh does.
"""
import argparse
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from cluster import Cluster, cpu_of
from wire import Kafka, ZooKeeper, until

TOPIC = "many"


class Watched:
    """What clients see of the topic."""

    def __init__(self, cluster, count):
        self.cluster, self.count = cluster, count

    def unserved(self, among):
        """How many partitions have no leader that answers, going by what the given brokers know."""
        leaders = {}
        for broker in among:
            try:
                kafka = Kafka(self.cluster.kafka_port(broker))
            except OSError:
                continue
            known = kafka.leaders(TOPIC)
            kafka.close()
            if len(known) != self.count:
                return self.count
            for partition, (leader, _, _) in known.items():
                leaders.setdefault(leader, set()).add(partition)
            break
        served = set()
        for leader, partitions in leaders.items():
            if leader in among:
                kafka = Kafka(self.cluster.kafka_port(leader))
                served |= kafka.served(TOPIC, sorted(partitions))
                kafka.close()
        return self.count - len(served)

    def isrs(self, broker):
        kafka = Kafka(self.cluster.kafka_port(broker))
        known = kafka.leaders(TOPIC)
        kafka.close()
        return [isr for _, isr, _ in known.values()]

    def led_by(self, broker, asked):
        kafka = Kafka(self.cluster.kafka_port(asked))
        known = kafka.leaders(TOPIC)
        kafka.close()
        return sum(leader == broker for leader, _, _ in known.values())


def resident_mib(pid, what="VmRSS"):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(what + ":"):
            return int(line.split()[1]) // 1024
    return 0


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--partitions", type=int, default=1000)
    options.add_argument("--idle", type=int, default=30, help="seconds for which the idle brokers are watched")
    options.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="a configuration of the brokers")
    options.add_argument("--keep", action="store_true", help="leave the directory, with the brokers' logs")
    given = options.parse_args()

    directory = tempfile.mkdtemp(prefix="ostream-partitions-")
    cluster = Cluster(directory, given.set)
    brokers = {1, 2, 3}
    watched = Watched(cluster, given.partitions)

    def say(title, value):
        print(f"| {title} | {value} |", flush=True)

    def state():
        say("resident, MB, by broker", " / ".join(str(resident_mib(cluster.broker_pid(i))) for i in sorted(brokers)))

    try:
        print(f"| {given.partitions} partitions × 3 replicas, load {os.getloadavg()[0]:.0f} | |\n|---|---|", flush=True)
        state()
        begin, before = time.monotonic(), {i: cpu_of(cluster.broker_pid(i)) for i in brokers}
        cluster.ostream("topics", "create", TOPIC, "--partitions", str(given.partitions), "--replication-factor", "3")
        created = time.monotonic() - begin
        until(lambda: watched.unserved(brokers) == 0, "all partitions are served")
        say("topic created (`ostream topics create`) / all served, s", f"{created:.2f} / {time.monotonic() - begin:.2f}")
        say("CPU s of that, by broker", " / ".join(f"{cpu_of(cluster.broker_pid(i)) - before[i]:.2f}" for i in sorted(brokers)))
        state()

        time.sleep(10)
        before = {i: cpu_of(cluster.broker_pid(i)) for i in brokers}
        time.sleep(given.idle)
        say("CPU when idle, % of a processor, by broker",
            " / ".join(f"{100 * (cpu_of(cluster.broker_pid(i)) - before[i]) / given.idle:.1f}" for i in sorted(brokers)))
        state()

        def controller():
            zookeeper = ZooKeeper(cluster.zookeeper_port)
            known = json.loads(zookeeper.get("/controller"))["brokerid"]
            zookeeper.close()
            return known

        def forget(victim, is_controller):
            zookeeper = ZooKeeper(cluster.zookeeper_port)
            if is_controller:
                zookeeper.delete("/controller")
            zookeeper.delete(f"/brokers/ids/{victim}")
            zookeeper.close()

        for title, how, is_controller, is_removed in (
            ("a broker killed, noticed by the others", signal.SIGKILL, False, False),
            ("the controller killed, noticed by the others", signal.SIGKILL, True, False),
            ("a broker killed, from its removal", signal.SIGKILL, False, True),
            ("the controller killed, from its removal", signal.SIGKILL, True, True),
            ("a broker stopped", signal.SIGTERM, False, False)):
            victim = controller() if is_controller else max(brokers - {controller()})
            others = brokers - {victim}
            asked = min(others)
            led = watched.led_by(victim, asked)
            begin = time.monotonic()
            cluster.end_broker(victim, how)
            if is_removed:
                cluster.wait_ended(victim)
                begin = time.monotonic()
                forget(victim, is_controller)
            until(lambda: watched.unserved(others) == 0, "the others serve all partitions")
            took = time.monotonic() - begin
            until(lambda: all(victim not in isr for isr in watched.isrs(asked)), "it is in no ISR any more")
            say(f"{title}: {led} partitions led by it are served / it is in no ISR any more, s", f"{took:.2f} / {time.monotonic() - begin:.2f}")
            cluster.wait_ended(victim)

            begin = time.monotonic()
            cluster.start_broker(victim)
            ready = time.monotonic() - begin
            until(lambda: all(len(isr) == 3 for isr in watched.isrs(asked)), "it is back in every ISR")
            say("started again: ready / back in all ISRs, s", f"{ready:.2f} / {time.monotonic() - begin:.2f}")
        state()
    finally:
        cluster.stop()
        if given.keep:
            print(directory, file=sys.stderr)
        else:
            shutil.rmtree(directory, ignore_errors=True)


main()
