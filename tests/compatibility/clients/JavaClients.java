// Java clients: reads BOOTSTRAP, prints one line per case: outcome, case, detail, separated by tabs. Compiles against 3.9 and 4.x alike.

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.*;
import java.util.concurrent.*;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import java.util.stream.*;
import org.apache.kafka.clients.admin.*;
import org.apache.kafka.clients.consumer.*;
import org.apache.kafka.clients.producer.*;
import org.apache.kafka.common.*;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.*;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.serialization.*;

public class JavaClients {
    interface Body { void run() throws Exception; }

    static final String BOOTSTRAP = System.getenv("BOOTSTRAP");
    static final String TOPIC = "java-a";
    static final TopicPartition FIRST = new TopicPartition(TOPIC, 0);
    static final List<String> CODECS = List.of("none", "gzip", "snappy", "lz4", "zstd");
    static final long BASE = System.currentTimeMillis();
    static final Duration PATIENCE = Duration.ofSeconds(60);

    public static void main(String[] args) {
        if (args.length == 1 && args[0].equals("--version")) {
            System.out.println(org.apache.kafka.common.utils.AppInfoParser.getVersion());
            return;
        }

        try (Admin admin = Admin.create(Map.of("bootstrap.servers", BOOTSTRAP))) {
            topics(admin);
            produce();
            consume();
            offsets(admin);
            for (var protocol : List.of("classic", "consumer")) {
                groups(admin, protocol);
            }

            assignors();
            groupAdmin(admin);
            cluster(admin);
            attempt("deleteTopics by name and by id", () -> {
                var id = admin.describeTopics(List.of("java-many-0")).allTopicNames().get().get("java-many-0").topicId();
                admin.deleteTopics(TopicCollection.ofTopicIds(List.of(id))).all().get();
                admin.deleteTopics(List.of(TOPIC)).all().get();
                failsWith(UnknownTopicOrPartitionException.class, () -> admin.describeTopics(List.of(TOPIC)).allTopicNames().get());
            });
        }
    }

    static void topics(Admin admin) {
        attempt("createTopics", () -> {
            var topic = new NewTopic(TOPIC, 2, (short) 1).configs(Map.of("retention.ms", "7200000"));
            admin.createTopics(List.of(topic), new CreateTopicsOptions().validateOnly(true)).all().get();
            var created = admin.createTopics(List.of(topic));
            equal(created.numPartitions(TOPIC).get(), 2);
            equal(created.config(TOPIC).get().get("retention.ms").value(), "7200000");
            failsWith(TopicExistsException.class, () -> admin.createTopics(List.of(topic)).all().get());
        });
        attempt("describeTopics and listTopics", () -> {
            var described = admin.describeTopics(List.of(TOPIC)).allTopicNames().get().get(TOPIC);
            equal(described.partitions().size(), 2);
            equal(described.partitions().get(0).isr().size(), 1);
            equal(admin.describeTopics(TopicCollection.ofTopicIds(List.of(described.topicId()))).allTopicIds().get().size(), 1);
            equal(admin.listTopics().names().get().contains(TOPIC), true);
            failsWith(UnknownTopicOrPartitionException.class, () -> admin.describeTopics(List.of("java-unknown")).allTopicNames().get());
        });
        attempt("describeConfigs and incrementalAlterConfigs", () -> {
            var resource = new ConfigResource(ConfigResource.Type.TOPIC, TOPIC);
            admin.incrementalAlterConfigs(Map.of(resource, List.of(
                new AlterConfigOp(new ConfigEntry("retention.ms", "3600000"), AlterConfigOp.OpType.SET),
                new AlterConfigOp(new ConfigEntry("cleanup.policy", "compact"), AlterConfigOp.OpType.APPEND)))).all().get();
            var config = admin.describeConfigs(List.of(resource), new DescribeConfigsOptions().includeSynonyms(true).includeDocumentation(true)).all().get().get(resource);
            equal(config.get("retention.ms").value(), "3600000");
            equal(config.get("retention.ms").source(), ConfigEntry.ConfigSource.DYNAMIC_TOPIC_CONFIG);
            equal(Set.of(config.get("cleanup.policy").value().split(",")), Set.of("delete", "compact"));
            admin.incrementalAlterConfigs(Map.of(resource, List.of(
                new AlterConfigOp(new ConfigEntry("cleanup.policy", "compact"), AlterConfigOp.OpType.SUBTRACT),
                new AlterConfigOp(new ConfigEntry("retention.ms", null), AlterConfigOp.OpType.DELETE)))).all().get();
            equal(admin.describeConfigs(List.of(resource)).all().get().get(resource).get("cleanup.policy").value(), "delete");
            var broker = new ConfigResource(ConfigResource.Type.BROKER, Integer.toString(admin.describeCluster().controller().get().id()));
            equal(admin.describeConfigs(List.of(broker)).all().get().get(broker).entries().isEmpty(), false);
        });
        attempt("createPartitions", () -> {
            admin.createPartitions(Map.of(TOPIC, NewPartitions.increaseTo(3))).all().get();
            failsWith(InvalidPartitionsException.class, () -> admin.createPartitions(Map.of(TOPIC, NewPartitions.increaseTo(2))).all().get());
        });
    }

    static void produce() {
        for (var codec : CODECS) {
            attempt("produce with " + codec, () -> {
                try (var producer = producer(Map.of("compression.type", codec, "linger.ms", "5"))) {
                    var sent = new ArrayList<Future<RecordMetadata>>();
                    for (var i = 0; i < 100; i++) {
                        sent.add(producer.send(new ProducerRecord<>(TOPIC, 0, BASE + i, "k", (codec + "-" + i + " ").repeat(20),
                            List.of(new RecordHeader("codec", codec.getBytes(StandardCharsets.UTF_8))))));
                    }

                    producer.flush();
                    for (var one : sent) {
                        equal(one.get().hasOffset(), true);
                    }
                }
            });
        }

        attempt("acks=0 and acks=1", () -> {
            for (var acks : List.of("0", "1")) {
                try (var producer = producer(Map.of("acks", acks))) {
                    equal(producer.send(new ProducerRecord<>(TOPIC, 1, "k", acks)).get().partition(), 1);
                }
            }
        });
        attempt("idempotent producer, 20,000 records in order", () -> {
            try (var producer = producer(Map.of("batch.size", "1000"))) {
                var sent = new ArrayList<Future<RecordMetadata>>();
                for (var i = 0; i < 20_000; i++) {
                    sent.add(producer.send(new ProducerRecord<>(TOPIC, 2, null, Integer.toString(i))));
                }

                for (var i = 0; i < sent.size(); i++) {
                    equal(sent.get(i).get().offset(), (long) i);
                }
            }
        });
        attempt("1 MB messages, and one that the broker refuses", () -> {
            try (var producer = producer(Map.of("max.request.size", "10000000", "buffer.memory", "30000000"))) {
                equal(producer.send(new ProducerRecord<>(TOPIC, 1, "k", "x".repeat(1_000_000))).get().hasOffset(), true);
                failsWith(RecordTooLargeException.class, () -> producer.send(new ProducerRecord<>(TOPIC, 1, "k", "x".repeat(2_000_000))).get());
            }
        });
        attempt("50 topics that are made as they are used", () -> {
            try (var producer = producer(Map.of())) {
                var sent = IntStream.range(0, 50).mapToObj(i -> producer.send(new ProducerRecord<>("java-many-" + i, "k", "v"))).collect(Collectors.toList());
                for (var one : sent) {
                    equal(one.get().offset(), 0L);
                }

                equal(producer.partitionsFor("java-many-0").size() > 0, true);
            }
        });
        attempt("transactional producer is refused at once", () -> {
            try (var producer = producer(Map.of("transactional.id", "java-transactions"))) {
                failsWith(TransactionalIdAuthorizationException.class, producer::initTransactions);
            }
        });
    }

    static void consume() {
        attempt("consume an assigned partition, all codecs", () -> {
            try (var consumer = consumer("classic", null, Map.of("isolation.level", "read_committed"))) {
                consumer.assign(List.of(FIRST));
                consumer.seekToBeginning(List.of(FIRST));
                var records = read(consumer, 500);
                for (var i = 0; i < 500; i++) {
                    var codec = CODECS.get(i / 100);
                    equal(records.get(i).offset(), (long) i);
                    equal(records.get(i).timestamp(), BASE + i % 100);
                    equal(new String(records.get(i).headers().lastHeader("codec").value(), StandardCharsets.UTF_8), codec);
                    equal(records.get(i).value().startsWith(codec + "-" + i % 100 + " "), true);
                }

                equal(consumer.position(FIRST), 500L);
            }
        });
        attempt("seek, pause and resume", () -> {
            try (var consumer = consumer("classic", null, Map.of("max.poll.records", "10"))) {
                consumer.assign(List.of(FIRST));
                consumer.seek(FIRST, 495);
                equal(read(consumer, 5).get(0).offset(), 495L);
                consumer.seekToEnd(List.of(FIRST));
                equal(consumer.position(FIRST), 500L);
                consumer.seek(FIRST, 10);
                consumer.pause(List.of(FIRST));
                equal(consumer.poll(Duration.ofMillis(300)).count(), 0);
                consumer.resume(List.of(FIRST));
                equal(read(consumer, 1).get(0).offset(), 10L);
                equal(consumer.listTopics().containsKey(TOPIC), true);
            }
        });
        attempt("offset out of range starts over", () -> {
            try (var consumer = consumer("classic", null, Map.of())) {
                consumer.assign(List.of(FIRST));
                consumer.seek(FIRST, 1_000_000);
                equal(read(consumer, 1).get(0).offset(), 0L);
            }
        });
        attempt("offsetsForTimes, beginningOffsets and endOffsets", () -> {
            try (var consumer = consumer("classic", null, Map.of())) {
                equal(consumer.offsetsForTimes(Map.of(FIRST, BASE + 50)).get(FIRST).offset(), 50L);
                equal(consumer.beginningOffsets(List.of(FIRST)).get(FIRST), 0L);
                equal(consumer.endOffsets(List.of(FIRST)).get(FIRST), 500L);
            }
        });
    }

    static void offsets(Admin admin) {
        attempt("listOffsets, by the greatest timestamp too", () -> {
            equal(admin.listOffsets(Map.of(FIRST, OffsetSpec.earliest())).all().get().get(FIRST).offset(), 0L);
            equal(admin.listOffsets(Map.of(FIRST, OffsetSpec.latest())).all().get().get(FIRST).offset(), 500L);
            equal(admin.listOffsets(Map.of(FIRST, OffsetSpec.forTimestamp(BASE + 50))).all().get().get(FIRST).offset(), 50L);
            var greatest = admin.listOffsets(Map.of(FIRST, OffsetSpec.maxTimestamp())).all().get().get(FIRST);
            equal(greatest.timestamp(), BASE + 99);
            equal(greatest.offset(), 99L);
        });
        attempt("describeProducers", () -> {
            var partition = new TopicPartition(TOPIC, 2);
            var states = admin.describeProducers(List.of(partition)).all().get().get(partition).activeProducers();
            equal(states.size(), 1);
            equal(states.get(0).lastSequence(), 19_999);
        });
        attempt("deleteRecords", () -> equal(
            admin.deleteRecords(Map.of(FIRST, RecordsToDelete.beforeOffset(100))).lowWatermarks().get(FIRST).get().lowWatermark(), 100L));
    }

    static void groups(Admin admin, String protocol) {
        var suffix = ", " + protocol + " protocol";
        attempt("group reads, commits and goes on" + suffix, () -> {
            var group = "java-group-" + protocol;
            try (var consumer = consumer(protocol, group, Map.of())) {
                consumer.subscribe(List.of(TOPIC));
                equal(read(consumer, 20_403).size(), 20_403);
                consumer.commitSync();
                equal(consumer.committed(Set.of(FIRST)).get(FIRST).offset(), 500L);
                consumer.commitSync(Map.of(FIRST, new OffsetAndMetadata(498, "words")));
                var answered = new CompletableFuture<Exception>();
                consumer.commitAsync(Map.of(FIRST, new OffsetAndMetadata(499, "words")), (offsets, error) -> answered.complete(error));
                until(consumer, answered::isDone);
                equal(answered.get(), null);
                equal(consumer.committed(Set.of(FIRST)).get(FIRST).metadata(), "words");
                equal(consumer.groupMetadata().generationId() > 0, true);
                equal(admin.describeConsumerGroups(List.of(group)).all().get().get(group).members().size(), 1);
            }

            try (var consumer = consumer(protocol, group, Map.of("enable.auto.commit", "true", "auto.commit.interval.ms", "100"))) {
                consumer.subscribe(List.of(TOPIC));
                equal(read(consumer, 1).get(0).offset(), 499L);
            }

            equal(admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata().get().get(FIRST).offset(), 500L);
        });
        attempt("pattern finds a topic that comes later" + suffix, () -> {
            try (var consumer = consumer(protocol, "java-pattern-" + protocol, Map.of("metadata.max.age.ms", "500"))) {
                consumer.subscribe(Pattern.compile("java-pattern-" + protocol + "-.*"));
                followsNewTopic(consumer, "java-pattern-" + protocol);
            }
        });
        if (protocol.equals("consumer") && classExists("org.apache.kafka.clients.consumer.SubscriptionPattern")) {
            attempt("pattern that the broker resolves finds a topic that comes later" + suffix, () -> {
                try (var consumer = consumer(protocol, "java-regex", Map.of("metadata.max.age.ms", "500"))) {
                    var type = Class.forName("org.apache.kafka.clients.consumer.SubscriptionPattern");
                    Consumer.class.getMethod("subscribe", type).invoke(consumer, type.getConstructor(String.class).newInstance("java-regex-.*"));
                    followsNewTopic(consumer, "java-regex");
                }
            });
        }

        attempt("static member comes back to its partitions" + suffix, () -> {
            var settings = Map.of("group.instance.id", "one", "heartbeat.interval.ms", "300");
            var other = Map.of("group.instance.id", "two", "heartbeat.interval.ms", "300");
            if (protocol.equals("consumer")) {
                settings = Map.of("group.instance.id", "one");
                other = Map.of("group.instance.id", "two");
            }

            var group = "java-static-" + protocol;
            try (var stays = consumer(protocol, group, other)) {
                Set<TopicPartition> before;
                try (var leaves = consumer(protocol, group, settings)) {
                    share(List.of(stays, leaves), 3);
                    before = leaves.assignment();
                }

                try (var returned = consumer(protocol, group, settings)) {
                    returned.subscribe(List.of(TOPIC));
                    until(returned, () -> returned.assignment().size() > 0);
                    equal(returned.assignment(), before);
                }
            }
        });
        if (protocol.equals("consumer")) {
            for (var assignor : List.of("uniform", "range")) {
                attempt("two members share a topic, " + assignor + suffix, () -> sharing(protocol, "java-848-" + assignor, Map.of("group.remote.assignor", assignor)));
            }
        }
    }

    static void assignors() {
        for (var assignor : List.of("RangeAssignor", "RoundRobinAssignor", "StickyAssignor", "CooperativeStickyAssignor")) {
            attempt("two members share a topic, " + assignor, () -> sharing("classic", "java-" + assignor, Map.of(
                "partition.assignment.strategy", "org.apache.kafka.clients.consumer." + assignor, "heartbeat.interval.ms", "300")));
        }
    }

    static void groupAdmin(Admin admin) {
        attempt("groups: list, describe, alter and delete offsets, delete", () -> {
            var group = "java-group-classic";
            var other = new TopicPartition(TOPIC, 1);
            equal(admin.listConsumerGroups().all().get().stream().map(ConsumerGroupListing::groupId).collect(Collectors.toSet()).containsAll(
                Set.of(group, "java-group-consumer")), true);
            equal(admin.describeConsumerGroups(List.of(group)).all().get().get(group).members().size(), 0);
            admin.alterConsumerGroupOffsets(group, Map.of(FIRST, new OffsetAndMetadata(123), other, new OffsetAndMetadata(1))).all().get();
            equal(admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata().get().get(FIRST).offset(), 123L);
            admin.deleteConsumerGroupOffsets(group, Set.of(other)).all().get();
            equal(admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata().get().get(other), null);
            admin.deleteConsumerGroups(List.of(group, "java-group-consumer")).all().get();
            failsWith(GroupIdNotFoundException.class, () -> admin.deleteConsumerGroups(List.of(group)).all().get());
        });
        attempt("groups: removeMembersFromConsumerGroup", () -> {
            try (var consumer = consumer("classic", "java-removed", Map.of("group.instance.id", "one", "heartbeat.interval.ms", "300"))) {
                consumer.subscribe(List.of(TOPIC));
                until(consumer, () -> !consumer.assignment().isEmpty());
                admin.removeMembersFromConsumerGroup("java-removed", new RemoveMembersFromConsumerGroupOptions(List.of(new MemberToRemove("one")))).all().get();
                equal(admin.describeConsumerGroups(List.of("java-removed")).all().get().get("java-removed").members().size(), 0);
            }
        });
    }

    static void cluster(Admin admin) {
        attempt("describeCluster", () -> {
            var described = admin.describeCluster(new DescribeClusterOptions().includeAuthorizedOperations(true));
            equal(described.nodes().get().size(), 1);
            equal(described.clusterId().get() != null && described.controller().get() != null, true);
            equal(described.authorizedOperations().get().isEmpty(), false);
        });
        attempt("electLeaders", () -> failsWith(ElectionNotNeededException.class, () ->
            admin.electLeaders(ElectionType.PREFERRED, Set.of(FIRST)).partitions().get().get(FIRST).ifPresent(error -> { throw (ApiException) error; })));
        attempt("alterPartitionReassignments and listPartitionReassignments", () -> {
            var replicas = List.of(admin.describeCluster().controller().get().id());
            admin.alterPartitionReassignments(Map.of(FIRST, Optional.of(new NewPartitionReassignment(replicas)))).all().get();
            failsWith(NoReassignmentInProgressException.class, () -> admin.alterPartitionReassignments(Map.of(FIRST, Optional.empty())).all().get());
            equal(admin.listPartitionReassignments().reassignments().get().size(), 0);
        });
    }

    // What several cases need.

    static void sharing(String protocol, String group, Map<String, String> settings) throws Exception {
        try (var one = consumer(protocol, group, settings); var two = consumer(protocol, group, settings)) {
            share(List.of(one, two), 3);
            one.close();
            until(two, () -> two.assignment().size() == 3);
        }
    }

    static void share(List<KafkaConsumer<String, String>> members, int partitions) {
        for (var member : members) {
            member.subscribe(List.of(TOPIC));
        }

        var end = System.nanoTime() + PATIENCE.toNanos();
        while (members.stream().anyMatch(member -> member.assignment().isEmpty()) || members.stream().mapToInt(member -> member.assignment().size()).sum() != partitions) {
            if (System.nanoTime() > end) {
                throw new IllegalStateException("partitions are " + members.stream().map(KafkaConsumer::assignment).collect(Collectors.toList()));
            }

            members.forEach(member -> member.poll(Duration.ofMillis(100)));
        }
    }

    static void followsNewTopic(KafkaConsumer<String, String> consumer, String prefix) throws Exception {
        try (var producer = producer(Map.of())) {
            for (var i = 0; i < 2; i++) {
                producer.send(new ProducerRecord<>(prefix + "-" + i, "k", "v")).get();
                equal(read(consumer, 1).get(0).topic(), prefix + "-" + i);
                consumer.commitSync();
            }
        }
    }

    static List<ConsumerRecord<String, String>> read(KafkaConsumer<String, String> consumer, int count) {
        var records = new ArrayList<ConsumerRecord<String, String>>();
        var end = System.nanoTime() + PATIENCE.toNanos();
        while (records.size() < count) {
            if (System.nanoTime() > end) {
                throw new IllegalStateException(records.size() + " records came of " + count);
            }

            consumer.poll(Duration.ofMillis(500)).forEach(records::add);
        }

        return records;
    }

    static void until(KafkaConsumer<String, String> consumer, Callable<Boolean> reached) throws Exception {
        var end = System.nanoTime() + PATIENCE.toNanos();
        while (!reached.call()) {
            if (System.nanoTime() > end) {
                throw new IllegalStateException("not reached with " + consumer.assignment());
            }

            consumer.poll(Duration.ofMillis(100));
        }
    }

    static KafkaProducer<String, String> producer(Map<String, String> settings) {
        var all = new HashMap<String, Object>(settings);
        all.put("bootstrap.servers", BOOTSTRAP);
        return new KafkaProducer<>(all, new StringSerializer(), new StringSerializer());
    }

    static KafkaConsumer<String, String> consumer(String protocol, String group, Map<String, String> settings) {
        var all = new HashMap<String, Object>(Map.of("bootstrap.servers", BOOTSTRAP, "auto.offset.reset", "earliest", "enable.auto.commit", "false"));
        if (group != null) {
            all.putAll(Map.of("group.id", group, "group.protocol", protocol));
        }

        all.putAll(settings);
        return new KafkaConsumer<>(all, new StringDeserializer(), new StringDeserializer());
    }

    static boolean classExists(String name) {
        try {
            Class.forName(name);
            return true;
        } catch (ClassNotFoundException absent) {
            return false;
        }
    }

    static void failsWith(Class<? extends Exception> type, Body body) throws Exception {
        try {
            body.run();
        } catch (Exception error) {
            if (type.isInstance(error) || type.isInstance(error.getCause())) {
                return;
            }

            throw error;
        }

        throw new IllegalStateException("no " + type.getSimpleName());
    }

    static void equal(Object actual, Object expected) {
        if (!Objects.equals(actual, expected)) {
            throw new IllegalStateException("expected " + expected + ", was " + actual);
        }
    }

    static void attempt(String name, Body body) {
        try {
            body.run();
            System.out.println("ok\t" + name + "\t");
        } catch (Throwable error) {
            error.printStackTrace();
            System.out.println("FAIL\t" + name + "\t" + error.toString().replaceAll("\\s+", " "));
        }
    }
}
