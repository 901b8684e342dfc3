#!/usr/bin/env python3
"""Measures what three replicas cost beside one: throughput, latency and processor, on one machine with three brokers.

    benchmarks/replication/run.py [--rounds N] [--seconds S] [--small N] [--large N] [--set KEY=VALUE]... [--profile DIR]

Starts ZooKeeper and three brokers in a temporary directory on free ports, and runs `ostream bench` by turns against topics with one and with
three replicas (6 partitions, acks=all), so that both see the same machine. Prints a table of medians with their ratios. The round
before the first only warms up. Needs ZooKeeper, as run-cluster.sh does. --profile DIR records the brokers with perf in the last round.

Three brokers of one machine share its processors and its disk, and write everything three times: the ratio of throughputs is that of
all the processor time of a record (client and three brokers), or that of the bytes on the disk, whichever is worse. On three machines
each has its own.
"""
import argparse
import json
import os
import pathlib
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile

from cluster import Cluster

PARTITIONS = 6


def bench(cluster, name, replicas, arguments):
    topic = f"{name}-{replicas}"
    cluster.ostream("topics", "create", topic, "--partitions", str(PARTITIONS), "--replication-factor", str(replicas))
    cpu, written = cluster.cpu(), cluster.written()
    report = json.loads(cluster.ostream("bench", *arguments[:1], topic, *arguments[1:], "--acks", "all", "--json"))
    report["brokersCpuSeconds"] = cluster.cpu() - cpu
    report["writtenBytes"] = cluster.written() - written
    cluster.ostream("topics", "delete", topic)
    return report


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--seconds", type=int, default=10, help="of a latency run")
    options.add_argument("--small", type=int, default=4_000_000, help="records of 100 B in a round")
    options.add_argument("--large", type=int, default=1_000_000, help="records of 1 KiB in a round")
    options.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="a configuration of the brokers")
    options.add_argument("--profile", metavar="DIR", help="where to put a perf profile of each measurement")
    options.add_argument("--only", help="one measurement by its name: 100, 1024, latency")
    given = options.parse_args()

    loads = {
        "100": ["produce", "--records", str(given.small), "--size", "100"],
        "1024": ["produce", "--records", str(given.large), "--size", "1024"],
        "latency": ["latency", "--rate", "1000", "--duration", str(given.seconds)],
    }
    loads = {name: load for name, load in loads.items() if given.only in (None, name)}
    directory = tempfile.mkdtemp(prefix="ostream-replication-")
    cluster = Cluster(directory, given.set, given.profile)
    reports = {}
    try:
        for round_number in range(given.rounds + 1):
            for name, load in loads.items():
                for replicas in (1, 3):
                    recorder = None
                    if given.profile and round_number == given.rounds:
                        target = pathlib.Path(given.profile, f"{name}-{replicas}.perf")
                        recorder = subprocess.Popen(
                            ["perf", "record", "-q", "-F", "999", "-g", "-p", ",".join(map(str, cluster.brokers)), "-o", str(target)])
                    report = bench(cluster, f"bench-{name}-{round_number}", replicas, load)
                    if recorder:
                        recorder.send_signal(signal.SIGINT)
                        recorder.wait()
                    print(f"{name} B, {replicas} replica(s), round {round_number}, load {os.getloadavg()[0]:.1f}: {summary(report)}", file=sys.stderr)
                    if round_number > 0:
                        reports.setdefault((name, replicas), []).append(report)
    finally:
        cluster.stop()
        shutil.rmtree(directory, ignore_errors=True)
    table(reports)


def summary(report):
    parts = [f"{report['recordsPerSecond']:,.0f} records/s", f"client {report['clientCpuSeconds']:.2f} s", f"brokers {report['brokersCpuSeconds']:.2f} s"]
    parts += [f"{of} p50 {values['p50']:.2f} p99 {values['p99']:.2f} ms" for of, values in report["latencyMs"].items()]
    return ", ".join(parts)


def table(reports):
    def row(title, name, value, digits=2):
        if (name, 1) not in reports:
            return
        one, three = (statistics.median(value(report) for report in reports[name, replicas]) for replicas in (1, 3))
        print(f"| {title} | {one:,.{digits}f} | {three:,.{digits}f} | {three / one if one else 0:.2f} |")

    print("| | 1 replica | 3 replicas | ratio |")
    print("|---|---|---|---|")
    for name, title in (("100", "100 B"), ("1024", "1 KiB")):
        row(f"produce {title}, thousand records/s", name, lambda report: report["recordsPerSecond"] / 1e3, 0)
        row(f"produce {title}, MB/s", name, lambda report: report["megabytesPerSecond"], 0)
        row(f"brokers' CPU s per million records of {title}", name, lambda report: report["brokersCpuSeconds"] * 1e6 / report["records"])
        row(f"all CPU s per million records of {title}, client included", name,
            lambda report: (report["brokersCpuSeconds"] + report["clientCpuSeconds"]) * 1e6 / report["records"])
        row(f"bytes to disk per byte produced, {title}", name, lambda report: report["writtenBytes"] / report["bytes"])
    for of in sorted({of for (name, _), runs in reports.items() if name == "latency" for run in runs for of in run["latencyMs"]}):
        for share in ("p50", "p99"):
            row(f"latency to {of}, {share}, ms", "latency", lambda report, of=of, share=share: report["latencyMs"][of][share])
    row("brokers' CPU µs per record at 1,000 records/s", "latency", lambda report: report["brokersCpuSeconds"] * 1e6 / report["records"], 0)


main()
