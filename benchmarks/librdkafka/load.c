/*
 * Loads a Kafka broker through librdkafka and prints one line of figures.
 *
 *   load produce  BOOTSTRAP TOPIC RECORDS BYTES [KEY=VALUE...]
 *   load consume  BOOTSTRAP TOPIC RECORDS PARTITIONS [KEY=VALUE...]
 *   load latency  BOOTSTRAP TOPIC SECONDS BYTES PARTITIONS [KEY=VALUE...]
 *
 * KEY=VALUE are librdkafka's own settings. produce spreads records over the partitions as librdkafka's partitioner does
 * and ends with the last delivery report; consume assigns itself all partitions from the beginning; latency sends 1,000
 * records a second and takes each one's time from before produce until it is in the consumer's hands, the first second
 * left out. A failed delivery or a wrong count makes the exit code 1.
 */
#include <librdkafka/rdkafka.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define RATE 1000

static int64_t now_us(void) {
        struct timespec t;
        clock_gettime(CLOCK_MONOTONIC, &t);
        return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static void fail(const char *what, const char *why) {
        fprintf(stderr, "load: %s: %s\n", what, why);
        exit(1);
}

static int64_t number(const char *text) {
        char *end;
        long long value = strtoll(text, &end, 10);
        if (*end != '\0' || value <= 0)
                fail("not a positive number", text);
        return value;
}

static rd_kafka_conf_t *settings(const char *bootstrap, char **pairs, int count) {
        char error[512];
        rd_kafka_conf_t *conf = rd_kafka_conf_new();
        if (rd_kafka_conf_set(conf, "bootstrap.servers", bootstrap, error, sizeof(error)) != RD_KAFKA_CONF_OK)
                fail("bootstrap.servers", error);
        for (int i = 0; i < count; i++) {
                char *value = strchr(pairs[i], '=');
                if (value == NULL)
                        fail("a setting is KEY=VALUE, not", pairs[i]);
                *value = '\0';
                if (rd_kafka_conf_set(conf, pairs[i], value + 1, error, sizeof(error)) != RD_KAFKA_CONF_OK)
                        fail(pairs[i], error);
                *value = '=';
        }
        return conf;
}

static rd_kafka_t *client(rd_kafka_type_t type, rd_kafka_conf_t *conf) {
        char error[512];
        rd_kafka_t *rk = rd_kafka_new(type, conf, error, sizeof(error));
        if (rk == NULL)
                fail("no client", error);
        return rk;
}

static int64_t delivered, failed;
static rd_kafka_resp_err_t first_error;

static void on_delivery(rd_kafka_t *rk, const rd_kafka_message_t *message, void *opaque) {
        (void)rk;
        (void)opaque;
        if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
                if (failed++ == 0)
                        first_error = message->err;
        } else {
                delivered++;
        }
}

static void end_of_deliveries(void) {
        if (failed > 0) {
                fprintf(stderr, "load: %lld deliveries failed, the first with %s\n", (long long)failed, rd_kafka_err2name(first_error));
                exit(1);
        }
}

static int produce(const char *bootstrap, const char *topic, int64_t records, size_t bytes, char **pairs, int count) {
        rd_kafka_conf_t *conf = settings(bootstrap, pairs, count);
        rd_kafka_conf_set_dr_msg_cb(conf, on_delivery);
        rd_kafka_t *rk = client(RD_KAFKA_PRODUCER, conf);
        rd_kafka_topic_t *rkt = rd_kafka_topic_new(rk, topic, NULL);
        char *payload = malloc(bytes);
        for (size_t i = 0; i < bytes; i++)
                payload[i] = (char)('a' + i % 26);

        int64_t start = now_us();
        for (int64_t i = 0; i < records;) {
                if (rd_kafka_produce(rkt, RD_KAFKA_PARTITION_UA, 0, payload, bytes, NULL, 0, NULL) == 0) {
                        i++;
                        if (i % 1000 == 0)
                                rd_kafka_poll(rk, 0);
                } else if (rd_kafka_last_error() == RD_KAFKA_RESP_ERR__QUEUE_FULL) {
                        rd_kafka_poll(rk, 10);
                } else {
                        fail("produce", rd_kafka_err2str(rd_kafka_last_error()));
                }
        }
        while (delivered + failed < records)
                rd_kafka_poll(rk, 100);
        double seconds = (double)(now_us() - start) / 1e6;
        printf("seconds=%.3f records_per_s=%.0f mb_per_s=%.1f\n", seconds, (double)records / seconds,
               (double)records * (double)bytes / seconds / 1e6);
        end_of_deliveries();
        rd_kafka_topic_destroy(rkt);
        rd_kafka_destroy(rk);
        free(payload);
        return 0;
}

static void assign(rd_kafka_t *rk, const char *topic, int partitions, int64_t offset) {
        rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(partitions);
        for (int i = 0; i < partitions; i++)
                rd_kafka_topic_partition_list_add(list, topic, i)->offset = offset;
        rd_kafka_resp_err_t error = rd_kafka_assign(rk, list);
        if (error != RD_KAFKA_RESP_ERR_NO_ERROR)
                fail("assign", rd_kafka_err2str(error));
        rd_kafka_topic_partition_list_destroy(list);
}

static rd_kafka_t *consumer(const char *bootstrap, char **pairs, int count) {
        rd_kafka_conf_t *conf = settings(bootstrap, pairs, count);
        char error[512];
        if (rd_kafka_conf_set(conf, "group.id", "load", error, sizeof(error)) != RD_KAFKA_CONF_OK ||
            rd_kafka_conf_set(conf, "enable.auto.commit", "false", error, sizeof(error)) != RD_KAFKA_CONF_OK)
                fail("consumer", error);
        rd_kafka_t *rk = client(RD_KAFKA_CONSUMER, conf);
        rd_kafka_poll_set_consumer(rk);
        return rk;
}

static int consume(const char *bootstrap, const char *topic, int64_t records, int partitions, char **pairs, int count) {
        enum { BATCH = 1000 };
        static rd_kafka_message_t *messages[BATCH];
        rd_kafka_t *rk = consumer(bootstrap, pairs, count);
        rd_kafka_queue_t *queue = rd_kafka_queue_get_consumer(rk);
        int64_t start = now_us(), seen = 0, bytes = 0, last = start;
        assign(rk, topic, partitions, RD_KAFKA_OFFSET_BEGINNING);
        while (seen < records) {
                ssize_t got = rd_kafka_consume_batch_queue(queue, 100, messages, BATCH);
                if (got > 0)
                        last = now_us();
                else if (now_us() - last > 20000000)
                        fail("consume", "nothing came for 20 s");
                for (ssize_t i = 0; i < got; i++) {
                        if (messages[i]->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
                                seen++;
                                bytes += (int64_t)messages[i]->len;
                        } else if (messages[i]->err != RD_KAFKA_RESP_ERR__PARTITION_EOF) {
                                fail("consume", rd_kafka_message_errstr(messages[i]));
                        }
                        rd_kafka_message_destroy(messages[i]);
                }
        }
        double seconds = (double)(last - start) / 1e6;
        printf("seconds=%.3f records_per_s=%.0f mb_per_s=%.1f\n", seconds, (double)seen / seconds, (double)bytes / seconds / 1e6);
        rd_kafka_queue_destroy(queue);
        rd_kafka_consumer_close(rk);
        rd_kafka_destroy(rk);
        return 0;
}

struct listening {
        rd_kafka_t *rk;
        int64_t expected, begin, count;
        int64_t *latencies;
};

static void *listen_for_all(void *argument) {
        struct listening *it = argument;
        int64_t last = now_us();
        for (int64_t seen = 0; seen < it->expected;) {
                rd_kafka_message_t *message = rd_kafka_consumer_poll(it->rk, 100);
                int64_t now = now_us();
                if (message == NULL) {
                        if (now - last > 20000000)
                                fail("latency", "nothing came for 20 s");
                        continue;
                }
                last = now;
                int64_t sent;
                if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR && message->len >= sizeof(sent)) {
                        memcpy(&sent, message->payload, sizeof(sent));
                        if (sent >= it->begin + 1000000)
                                it->latencies[it->count++] = now - sent;
                        if (sent >= it->begin)
                                seen++;
                } else if (message->err != RD_KAFKA_RESP_ERR__PARTITION_EOF) {
                        fail("latency", rd_kafka_message_errstr(message));
                }
                rd_kafka_message_destroy(message);
        }
        return NULL;
}

static int by_value(const void *one, const void *other) {
        int64_t a = *(const int64_t *)one, b = *(const int64_t *)other;
        return (a > b) - (a < b);
}

static int latency(const char *bootstrap, const char *topic, int64_t seconds, size_t bytes, int partitions, char **pairs, int count) {
        if (bytes < sizeof(int64_t))
                fail("latency", "a record has at least 8 bytes");
        struct listening it = {.expected = seconds * RATE, .latencies = malloc((size_t)(seconds * RATE) * sizeof(int64_t))};
        it.rk = consumer(bootstrap, NULL, 0);
        assign(it.rk, topic, partitions, RD_KAFKA_OFFSET_END);
        rd_kafka_conf_t *conf = settings(bootstrap, pairs, count);
        rd_kafka_conf_set_dr_msg_cb(conf, on_delivery);
        rd_kafka_t *rk = client(RD_KAFKA_PRODUCER, conf);
        rd_kafka_topic_t *rkt = rd_kafka_topic_new(rk, topic, NULL);
        char *payload = calloc(1, bytes);
        struct timespec pause = {.tv_sec = 2};
        nanosleep(&pause, NULL); /* until the consumer stands at the end */

        it.begin = now_us();
        pthread_t thread;
        if (pthread_create(&thread, NULL, listen_for_all, &it) != 0)
                fail("latency", "no thread");
        for (int64_t i = 0; i < it.expected; i++) {
                int64_t due = it.begin + i * 1000000 / RATE, now = now_us();
                if (now < due) {
                        struct timespec wait = {.tv_nsec = (due - now) * 1000};
                        nanosleep(&wait, NULL);
                        now = now_us();
                }
                memcpy(payload, &now, sizeof(now));
                if (rd_kafka_produce(rkt, (int32_t)(i % partitions), RD_KAFKA_MSG_F_COPY, payload, bytes, NULL, 0, NULL) != 0)
                        fail("produce", rd_kafka_err2str(rd_kafka_last_error()));
                rd_kafka_poll(rk, 0);
        }
        rd_kafka_flush(rk, 20000);
        pthread_join(thread, NULL);
        qsort(it.latencies, (size_t)it.count, sizeof(int64_t), by_value);
        printf("records=%lld p50_ms=%.3f p99_ms=%.3f p999_ms=%.3f max_ms=%.3f\n", (long long)it.count,
               (double)it.latencies[it.count / 2] / 1e3, (double)it.latencies[it.count * 99 / 100] / 1e3,
               (double)it.latencies[it.count * 999 / 1000] / 1e3, (double)it.latencies[it.count - 1] / 1e3);
        end_of_deliveries();
        rd_kafka_topic_destroy(rkt);
        rd_kafka_destroy(rk);
        rd_kafka_consumer_close(it.rk);
        rd_kafka_destroy(it.rk);
        free(payload);
        free(it.latencies);
        return 0;
}

int main(int argc, char **argv) {
        if (argc >= 6 && strcmp(argv[1], "produce") == 0)
                return produce(argv[2], argv[3], number(argv[4]), (size_t)number(argv[5]), argv + 6, argc - 6);
        if (argc >= 6 && strcmp(argv[1], "consume") == 0)
                return consume(argv[2], argv[3], number(argv[4]), (int)number(argv[5]), argv + 6, argc - 6);
        if (argc >= 7 && strcmp(argv[1], "latency") == 0)
                return latency(argv[2], argv[3], number(argv[4]), (size_t)number(argv[5]), (int)number(argv[6]), argv + 7, argc - 7);
        fprintf(stderr, "usage: load produce BOOTSTRAP TOPIC RECORDS BYTES [KEY=VALUE...]\n"
                        "       load consume BOOTSTRAP TOPIC RECORDS PARTITIONS [KEY=VALUE...]\n"
                        "       load latency BOOTSTRAP TOPIC SECONDS BYTES PARTITIONS [KEY=VALUE...]\n");
        return 2;
}
