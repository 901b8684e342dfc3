#!/usr/bin/env bash
# librdkafka's own tests against this broker, each in a process of its own: about ten minutes, and with the argument "groups" those of consumer
# groups instead, with the classic and then with the consumer protocol: about an hour. Reads BOOTSTRAP, WORK and
# LIBRDKAFKA_TESTS, the directory of a built test-runner (cmake -DRDKAFKA_BUILD_TESTS=ON). Left out are those that touch no
# broker, and those that need TLS, SASL or ACLs (0081 from its ACLs on, 0097, 0101, 0115, 0119, 0126, 0135, 0142), several brokers,
# share groups, a broker without auto-creation, RapidJSON, or Kafka's own command-line tools; docs/KAFKA-COMPATIBILITY.md names them.
set -u
mkdir -p "$WORK/librdkafka" && cd "$WORK/librdkafka" || exit 1
printf 'metadata.broker.list=%s\ntest.topic.random=true\ntest.timeout.multiplier=3\n' "$BOOTSTRAP" >test.conf

# attempt NAME TEST [SUBTEST]
attempt() {
  local log=$1.log outcome=FAIL detail
  if RDKAFKA_TEST_CONF=test.conf TEST_KAFKA_VERSION=${KAFKA_VERSION:-3.9.0} TESTS=$2 SUBTESTS=${3:-} \
    timeout -k 2 "${PATIENCE:-180}" "$LIBRDKAFKA_TESTS/test-runner" -p1 >"$log" 2>&1; then outcome=ok; fi
  detail=
  if [ $outcome = FAIL ]; then detail=$(sed 's/\x1b\[[0-9;]*m//g' "$log" | grep -a -A 2 '^### Test' | grep -av MAIN | tr '\n\t' '  ' | cut -c 1-160); fi
  printf '%s\t%s\t%s\n' "$outcome" "$1" "$detail"
}

if [ "${1:-}" = groups ]; then
  tests='0018_cgrp_term 0019_list_groups 0020_destroy_hang 0029_assign_offset 0030_offset_commit 0033_regex_subscribe 0034_offset_reset
    0050_subscribe_adds 0056_balanced_group_mt 0089_max_poll_interval 0091_max_poll_interval_timeout 0099_commit_metadata
    0102_static_group_rebalance 0118_commit_rebalance 0122_buffer_cleaning_after_rebalance 0132_strategy_ordering 0140_commit_metadata
    0153_memberid 0045_subscribe_update 0113_cooperative_rebalance'
  export PATIENCE=1500 KAFKA_VERSION=4.0.0
  for test in $tests; do attempt "$test, classic" "${test%%_*}"; done
  export TEST_CONSUMER_GROUP_PROTOCOL=consumer
  for test in $tests; do attempt "$test, consumer" "${test%%_*}"; done
  exit 0
fi

for test in 0001_multiobj 0002_unkpart 0003_msgmaxsize 0005_order 0007_autotopic 0008_reqacks 0011_produce_batch 0012_produce_consume \
  0013_null_msgs 0014_reconsume_191 0015_offset_seeks 0016_client_swname 0017_compression 0021_rkt_destroy 0022_consume_batch \
  0026_consume_pause 0031_get_offsets 0035_api_version 0036_partial_fetch 0038_performance 0040_io_event 0041_fetch_max_bytes \
  0042_many_topics 0044_partition_cnt 0048_partitioner 0051_assign_adds 0054_offset_time 0055_producer_latency 0057_invalid_topic \
  0059_bsearch 0060_op_prio 0061_consumer_lag 0063_clusterid 0064_interceptors 0065_yield 0067_empty_topic 0068_produce_timeout \
  0069_consumer_add_parts 0070_null_empty 0073_headers 0075_retry 0076_produce_retry 0082_fetch_max_bytes 0083_cb_event \
  0084_destroy_flags 0085_headers 0086_purge 0088_produce_metadata_timeout 0090_idempotence 0092_mixed_msgver 0093_holb \
  0094_idempotence_msg_timeout 0112_assign_unknown_part 0123_connections_max_idle 0125_immediate_flush 0127_fetch_queue_backoff \
  0130_store_offsets 0137_barrier_batch_consume; do
  attempt "$test" "${test%%_*}"
done
for subtest in CreateTopics DeleteTopics CreatePartitions DeleteRecords DescribeConfigs DescribeTopics DescribeCluster ListOffsets ElectLeaders; do
  attempt "0081_admin, $subtest" 0081 "do_test_$subtest"
done
