// franz-go: reads BOOTSTRAP, prints one line per case: outcome, case, detail, separated by tabs.
package main

import (
	"context"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

const topic = "franz-a"

func client(options ...kgo.Opt) (*kgo.Client, error) {
	return kgo.NewClient(append(options, kgo.SeedBrokers(os.Getenv("BOOTSTRAP")))...)
}

func attempt(name string, work func(context.Context) error) {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	err := work(ctx)
	if err == nil {
		fmt.Printf("ok\t%s\t\n", name)
		return
	}
	detail := strings.Join(strings.Fields(err.Error()), " ")
	if len(detail) > 160 {
		detail = detail[:160]
	}
	fmt.Printf("FAIL\t%s\t%s\n", name, detail)
}

func consume(ctx context.Context, wanted int, check func(int, *kgo.Record) error, options ...kgo.Opt) error {
	cl, err := client(options...)
	if err != nil {
		return err
	}
	defer cl.Close()
	for seen := 0; seen < wanted; {
		fetches := cl.PollFetches(ctx)
		if err := fetches.Err(); err != nil {
			return fmt.Errorf("after %d records: %w", seen, err)
		}
		for _, record := range fetches.Records() {
			if err := check(seen, record); err != nil {
				return err
			}
			seen++
		}
	}
	if group, _ := cl.GroupMetadata(); group == "" {
		return nil
	}
	return cl.CommitUncommittedOffsets(ctx)
}

func main() {
	cl, err := client()
	if err != nil {
		panic(err)
	}
	defer cl.Close()
	admin := kadm.NewClient(cl)
	attempt("create topic", func(ctx context.Context) error {
		retention := "7200000"
		created, err := admin.CreateTopic(ctx, 1, 1, map[string]*string{"retention.ms": &retention}, topic)
		if err == nil {
			err = created.Err
		}
		return err
	})
	attempt("describe configs", func(ctx context.Context) error {
		configs, err := admin.DescribeTopicConfigs(ctx, topic)
		if err != nil {
			return err
		}
		for _, config := range configs[0].Configs {
			if config.Key == "retention.ms" && config.MaybeValue() == "7200000" {
				return nil
			}
		}
		return fmt.Errorf("no retention.ms of 7200000")
	})
	attempt("alter configs", func(ctx context.Context) error {
		_, err := admin.AlterTopicConfigs(ctx, []kadm.AlterConfig{{Name: "retention.ms", Value: kadm.StringPtr("3600000")}}, topic)
		return err
	})
	attempt("cluster metadata", func(ctx context.Context) error {
		metadata, err := admin.Metadata(ctx)
		if err == nil && !metadata.Topics.Has(topic) {
			err = fmt.Errorf("the topic is missing")
		}
		return err
	})
	codecs := []struct {
		name  string
		codec kgo.CompressionCodec
	}{{"none", kgo.NoCompression()}, {"gzip", kgo.GzipCompression()}, {"snappy", kgo.SnappyCompression()}, {"lz4", kgo.Lz4Compression()}, {"zstd", kgo.ZstdCompression()}}
	for _, c := range codecs {
		c := c
		attempt("produce with "+c.name, func(ctx context.Context) error {
			producer, err := client(kgo.ProducerBatchCompression(c.codec))
			if err != nil {
				return err
			}
			defer producer.Close()
			records := make([]*kgo.Record, 100)
			for i := range records {
				records[i] = &kgo.Record{
					Topic:   topic,
					Key:     []byte("k"),
					Value:   []byte(strings.Repeat(fmt.Sprintf("%s-%d", c.name, i), 20)),
					Headers: []kgo.RecordHeader{{Key: "codec", Value: []byte(c.name)}},
				}
			}
			return producer.ProduceSync(ctx, records...).FirstErr()
		})
	}
	attempt("consume a partition, all codecs", func(ctx context.Context) error {
		from := map[string]map[int32]kgo.Offset{topic: {0: kgo.NewOffset().AtStart()}}
		return consume(ctx, 500, func(i int, record *kgo.Record) error {
			if record.Offset != int64(i) || !strings.HasPrefix(string(record.Value), string(record.Headers[0].Value)) {
				return fmt.Errorf("record %d has offset %d and value %.20s", i, record.Offset, record.Value)
			}
			return nil
		}, kgo.ConsumePartitions(from))
	})
	attempt("list offsets, by time too", func(ctx context.Context) error {
		ends, err := admin.ListEndOffsets(ctx, topic)
		if err != nil {
			return err
		}
		if end, _ := ends.Lookup(topic, 0); end.Offset != 500 {
			return fmt.Errorf("the end is %d", end.Offset)
		}
		starts, err := admin.ListOffsetsAfterMilli(ctx, 1, topic)
		if start, _ := starts.Lookup(topic, 0); err == nil && start.Offset != 0 {
			err = fmt.Errorf("at time 1 is %d", start.Offset)
		}
		return err
	})
	attempt("create partitions", func(ctx context.Context) error {
		created, err := admin.UpdatePartitions(ctx, 3, topic)
		if err == nil {
			err = created[topic].Err
		}
		return err
	})
	attempt("consumer group", func(ctx context.Context) error {
		return consume(ctx, 500, func(int, *kgo.Record) error { return nil },
			kgo.ConsumerGroup("franz-group"), kgo.ConsumeTopics(topic), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()), kgo.DisableAutoCommit())
	})
	attempt("delete records", func(ctx context.Context) error {
		deleted, err := admin.DeleteRecords(ctx, kadm.Offsets{topic: {0: {Topic: topic, Partition: 0, At: 100}}})
		if err == nil {
			err = deleted[topic][0].Err
		}
		return err
	})
	attempt("delete topic", func(ctx context.Context) error {
		deleted, err := admin.DeleteTopics(ctx, topic)
		if err == nil {
			err = deleted[topic].Err
		}
		return err
	})
}
