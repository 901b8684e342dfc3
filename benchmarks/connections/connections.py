#!/usr/bin/env python3
"""What connections cost a broker: its resident memory and threads with many idle and many busy ones.

    benchmarks/connections/connections.py HOST:PORT BROKER_PID [IDLE] [BUSY] [SECONDS]

IDLE connections (default 1,000) ask for ApiVersions once and then keep still. BUSY ones (default 200) each produce a batch of
one 1 KiB record with acks=all to the topic connections, one after the other, for SECONDS (default 10).
"""
import asyncio
import socket
import struct
import sys
import time

TOPIC = b"connections"


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc >> 1) ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def varint(value):
    value = (value << 1) ^ (value >> 63)
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def record_batch():
    value = b"x" * 1024
    record = b"\0" + varint(0) + varint(0) + varint(-1) + varint(len(value)) + value + varint(0)
    now = int(time.time() * 1000)
    after_crc = struct.pack(">hiqqqhii", 0, 0, now, now, -1, -1, -1, 1) + varint(len(record)) + record
    return struct.pack(">qiibI", 0, 9 + len(after_crc), -1, 2, crc32c(after_crc)) + after_crc


def request(key, version, body):
    frame = struct.pack(">hhih", key, version, 1, -1) + body
    return struct.pack(">i", len(frame)) + frame


def topic_name():
    return struct.pack(">h", len(TOPIC)) + TOPIC


API_VERSIONS = request(18, 0, b"")
METADATA = request(3, 1, struct.pack(">i", 1) + topic_name())


def produce(partition, batch):
    data = struct.pack(">iii", 1, partition, len(batch)) + batch
    return request(0, 7, struct.pack(">hhii", -1, -1, 30000, 1) + topic_name() + data)


def receive(connection):
    def exactly(count):
        data = b""
        while len(data) < count:
            more = connection.recv(count - len(data))
            if not more:
                raise ConnectionError("the broker closed a connection")
            data += more
        return data

    return exactly(struct.unpack(">i", exactly(4))[0])


def look(pid):
    facts = dict(line.split(":", 1) for line in open(f"/proc/{pid}/status"))
    return int(facts["VmRSS"].split()[0]), int(facts["Threads"])


async def busy(host, port, partition, frame, until):
    reader, writer = await asyncio.open_connection(host, port)
    calls = 0
    while time.monotonic() < until:
        writer.write(frame)
        await writer.drain()
        await reader.readexactly(struct.unpack(">i", await reader.readexactly(4))[0])
        calls += 1
    return calls, reader, writer


async def run_busy(host, port, count, seconds, partitions, pid):
    batch = record_batch()
    until = time.monotonic() + seconds
    tasks = [asyncio.create_task(busy(host, port, i % partitions, produce(i % partitions, batch), until)) for i in range(count)]
    peak = (0, 0)
    while not all(task.done() for task in tasks):
        await asyncio.sleep(0.2)
        peak = tuple(map(max, peak, look(pid)))
    return sum(task.result()[0] for task in tasks), peak


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    host, port = sys.argv[1].rsplit(":", 1)
    port, pid = int(port), int(sys.argv[2])
    idle, active, seconds = (int(sys.argv[i]) if len(sys.argv) > i else default for i, default in ((3, 1000), (4, 200), (5, 10)))

    # The code for these requests is compiled, and the topic there, before anything is compared.
    partitions = 0
    while partitions == 0:
        with socket.create_connection((host, port)) as connection:
            connection.sendall(METADATA)
            answer = receive(connection)
            partitions = answer.count(TOPIC) and struct.unpack(">i", answer[answer.index(TOPIC) + len(TOPIC) + 1:][:4])[0]
    for _ in range(20):
        with socket.create_connection((host, port)) as connection:
            connection.sendall(API_VERSIONS + produce(0, record_batch()))
            receive(connection)
            receive(connection)
    time.sleep(2)

    rss, threads = look(pid)
    print(f"before: {rss / 1024:.1f} MB, {threads} threads")
    held = []
    for _ in range(idle):
        connection = socket.create_connection((host, port))
        connection.sendall(API_VERSIONS)
        receive(connection)
        held.append(connection)
    time.sleep(2)
    idle_rss, idle_threads = look(pid)
    print(f"{idle} idle: {idle_rss / 1024:.1f} MB, {(idle_rss - rss) / idle:.1f} KiB each, {idle_threads} threads")
    calls, (peak, peak_threads) = asyncio.run(run_busy(host, port, active, seconds, partitions, pid))
    print(f"{active} busy besides: {calls / seconds:.0f} produces/s, peak {peak / 1024:.1f} MB, {(peak - idle_rss) / active:.1f} KiB each, {peak_threads} threads")
    for connection in held:
        connection.sendall(API_VERSIONS)
        receive(connection)
        connection.close()
    time.sleep(2)
    rss, threads = look(pid)
    print(f"after all: {rss / 1024:.1f} MB, {threads} threads")


main()
