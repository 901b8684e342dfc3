"""kafka-python: reads BOOTSTRAP, prints one line per case: outcome, case, detail, separated by tabs."""
import logging
import os
import signal
import threading
import time

from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import ConfigResource, ConfigResourceType, NewPartitions, NewTopic
from kafka.structs import OffsetAndMetadata
from kafka.errors import MessageSizeTooLargeError, TopicAlreadyExistsError

logging.disable(logging.CRITICAL)
bootstrap = os.environ["BOOTSTRAP"]
topic = "python-a"
part = TopicPartition(topic, 0)


def too_long(*_):
    raise TimeoutError("not done after 30 s")


signal.signal(signal.SIGALRM, too_long)


def attempt(name, work):
    signal.alarm(30)
    try:
        work()
        print("ok", name, "", sep="\t", flush=True)
    except Exception as error:  # any failure is a finding
        detail = " ".join(f"{type(error).__name__}: {error}".split())[:160]
        print("FAIL", name, detail, sep="\t", flush=True)
    finally:
        signal.alarm(0)


def equal(actual, expected):
    assert actual == expected, f"expected {expected!r}, got {actual!r}"


def main():
    admin = KafkaAdminClient(bootstrap_servers=bootstrap, request_timeout_ms=15000)

    def create():
        admin.create_topics([NewTopic(topic, 1, 1, topic_configs={"max.message.bytes": "3000000"})])
        try:
            admin.create_topics([NewTopic(topic, 1, 1)])
            raise AssertionError("created twice")
        except TopicAlreadyExistsError:
            pass

    attempt("create_topics", create)
    attempt("list_topics", lambda: equal(topic in admin.list_topics(), True))
    attempt("describe_cluster", lambda: equal(admin.describe_cluster()["brokers"][0]["node_id"], 1))

    def configs():
        resource = ConfigResource(ConfigResourceType.TOPIC, topic, {"max.message.bytes": None})
        described = admin.describe_configs([resource])[0].resources[0]
        equal(described[4][0][1], "3000000")

    attempt("describe_configs", configs)
    attempt("create_partitions", lambda: admin.create_partitions({topic: NewPartitions(2)}))
    attempt("list_consumer_groups", lambda: equal([name for name, _ in admin.list_consumer_groups() if name.startswith("python")], []))

    for codec in (None, "gzip", "snappy", "lz4", "zstd"):
        def produce():
            producer = KafkaProducer(bootstrap_servers=bootstrap, compression_type=codec, acks="all", max_request_size=2000000)
            for i in range(100):
                producer.send(topic, value=f"{codec}-{i}".encode() * 50, key=b"k", headers=[("codec", str(codec).encode())], partition=0)
            producer.flush(15)
            producer.close(5)

        attempt(f"produce with {codec or 'none'}", produce)

    def large():
        producer = KafkaProducer(bootstrap_servers=bootstrap, max_request_size=4000000)
        sent = producer.send(topic, value=os.urandom(1 << 20), partition=1).get(15)
        equal(sent.offset, 0)
        try:
            producer.send(topic, value=os.urandom(3200000), partition=1).get(15)
            raise AssertionError("a message over max.message.bytes was taken")
        except MessageSizeTooLargeError:
            pass
        producer.close(5)

    attempt("1 MiB message, and one too large", large)

    def consume():
        consumer = KafkaConsumer(bootstrap_servers=bootstrap, consumer_timeout_ms=10000, max_partition_fetch_bytes=4 << 20)
        consumer.assign([part])
        consumer.seek_to_beginning(part)
        end = consumer.end_offsets([part])[part]
        equal(end, 500)
        values = []
        for record in consumer:
            values.append(record)
            if len(values) == end:
                break
        equal([record.offset for record in values], list(range(500)))
        equal(values[499].headers, [("codec", b"zstd")])
        equal(values[250].value, b"snappy-50" * 50)
        consumer.close()

    attempt("consume an assigned partition, all codecs", consume)

    def times():
        consumer = KafkaConsumer(bootstrap_servers=bootstrap)
        equal(consumer.beginning_offsets([part])[part], 0)
        equal(consumer.offsets_for_times({part: 0})[part].offset, 0)
        equal(consumer.offsets_for_times({part: int(time.time() * 1000) + 60000})[part], None)
        consumer.close()

    attempt("offsets by time", times)

    def group():
        consumer = KafkaConsumer(topic, bootstrap_servers=bootstrap, group_id="python-group", auto_offset_reset="earliest", consumer_timeout_ms=6000)
        got = sum(1 for _ in consumer)
        consumer.close(autocommit=False)
        equal(got > 0, True)

    attempt("consumer group", group)

    def members():
        admin.create_topics([NewTopic("python-members", 4, 1)])
        options = {"bootstrap_servers": bootstrap, "group_id": "python-members", "session_timeout_ms": 6000, "heartbeat_interval_ms": 500}
        first, second = (KafkaConsumer("python-members", client_id=name, **options) for name in ("one", "two"))
        running = True

        def poll(consumer):
            while running:
                consumer.poll(100)

        threads = [threading.Thread(target=poll, args=(consumer,)) for consumer in (first, second)]
        for thread in threads:
            thread.start()
        try:
            while not len(first.assignment()) == len(second.assignment()) == 2:
                time.sleep(0.1)
            equal(first.assignment() & second.assignment(), set())
            described = admin.describe_consumer_groups(["python-members"])[0]
            equal((described.state, described.protocol, len(described.members)), ("Stable", "range", 2))
        finally:
            running = False
            for thread in threads:
                thread.join()
        first.close()
        second.close()
        equal(admin.describe_consumer_groups(["python-members"])[0].state, "Empty")

    attempt("two members share a topic", members)

    def offsets():
        consumer = KafkaConsumer(bootstrap_servers=bootstrap, group_id="python-offsets")
        consumer.assign([part])
        consumer.commit({part: OffsetAndMetadata(17, "a note")})
        equal(consumer.committed(part, metadata=True), OffsetAndMetadata(17, "a note"))
        consumer.close(autocommit=False)
        equal(admin.list_consumer_group_offsets("python-offsets"), {part: OffsetAndMetadata(17, "a note")})
        equal(("python-offsets", "") in admin.list_consumer_groups(), True)
        equal([error.errno for _, error in admin.delete_consumer_groups(["python-offsets"])], [0])
        equal(admin.list_consumer_group_offsets("python-offsets"), {})

    attempt("commit, committed and delete_consumer_groups", offsets)
    attempt("delete_topics", lambda: admin.delete_topics([topic]))
    admin.close()


main()
