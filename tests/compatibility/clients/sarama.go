// sarama: reads BOOTSTRAP, prints one line per case: outcome, case, detail, separated by tabs.
package main

import (
	"context"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/Shopify/sarama"
)

const topic = "sarama-a"

var bootstrap = []string{os.Getenv("BOOTSTRAP")}

func attempt(name string, work func() error) {
	done := make(chan error, 1)
	go func() { done <- work() }()
	var err error
	select {
	case err = <-done:
	case <-time.After(30 * time.Second):
		err = fmt.Errorf("not done after 30 s")
	}
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

func config() *sarama.Config {
	c := sarama.NewConfig()
	c.Version = sarama.V2_1_0_0
	c.Producer.Return.Successes = true
	c.Producer.RequiredAcks = sarama.WaitForAll
	c.Consumer.Offsets.Initial = sarama.OffsetOldest
	return c
}

type counter struct {
	wanted int
	cancel context.CancelFunc
}

func (c *counter) Setup(sarama.ConsumerGroupSession) error   { return nil }
func (c *counter) Cleanup(sarama.ConsumerGroupSession) error { return nil }
func (c *counter) ConsumeClaim(session sarama.ConsumerGroupSession, claim sarama.ConsumerGroupClaim) error {
	for message := range claim.Messages() {
		session.MarkMessage(message, "")
		if c.wanted--; c.wanted == 0 {
			c.cancel()
		}
	}
	return nil
}

func produce(codec sarama.CompressionCodec, idempotent bool) error {
	c := config()
	c.Producer.Compression = codec
	if idempotent {
		c.Producer.Idempotent = true
		c.Net.MaxOpenRequests = 1
	}
	producer, err := sarama.NewSyncProducer(bootstrap, c)
	if err != nil {
		return err
	}
	defer producer.Close()
	messages := make([]*sarama.ProducerMessage, 100)
	for i := range messages {
		messages[i] = &sarama.ProducerMessage{
			Topic:   topic,
			Key:     sarama.StringEncoder("k"),
			Value:   sarama.StringEncoder(strings.Repeat(fmt.Sprintf("%v-%d", codec, i), 20)),
			Headers: []sarama.RecordHeader{{Key: []byte("codec"), Value: []byte(codec.String())}},
		}
	}
	return producer.SendMessages(messages)
}

func main() {
	admin, err := sarama.NewClusterAdmin(bootstrap, config())
	attempt("admin connects", func() error { return err })
	if err != nil {
		return
	}
	attempt("CreateTopic", func() error {
		retention := "7200000"
		return admin.CreateTopic(topic, &sarama.TopicDetail{NumPartitions: 1, ReplicationFactor: 1, ConfigEntries: map[string]*string{"retention.ms": &retention}}, false)
	})
	attempt("DescribeConfig", func() error {
		entries, err := admin.DescribeConfig(sarama.ConfigResource{Type: sarama.TopicResource, Name: topic, ConfigNames: []string{"retention.ms"}})
		if err == nil && (len(entries) != 1 || entries[0].Value != "7200000") {
			err = fmt.Errorf("got %v", entries)
		}
		return err
	})
	attempt("AlterConfig", func() error {
		retention := "3600000"
		return admin.AlterConfig(sarama.TopicResource, topic, map[string]*string{"retention.ms": &retention}, false)
	})
	codecs := []sarama.CompressionCodec{sarama.CompressionNone, sarama.CompressionGZIP, sarama.CompressionSnappy, sarama.CompressionLZ4, sarama.CompressionZSTD}
	for _, codec := range codecs {
		codec := codec
		attempt("produce with "+codec.String(), func() error { return produce(codec, false) })
	}
	attempt("idempotent producer", func() error { return produce(sarama.CompressionNone, true) })
	attempt("consume a partition, all codecs", func() error {
		consumer, err := sarama.NewConsumer(bootstrap, config())
		if err != nil {
			return err
		}
		defer consumer.Close()
		partition, err := consumer.ConsumePartition(topic, 0, sarama.OffsetOldest)
		if err != nil {
			return err
		}
		defer partition.Close()
		for i := int64(0); i < 600; i++ {
			message := <-partition.Messages()
			if message.Offset != i || !strings.HasPrefix(string(message.Value), string(message.Headers[0].Value)) {
				return fmt.Errorf("record %d has offset %d and value %.20s", i, message.Offset, message.Value)
			}
		}
		return nil
	})
	attempt("offsets by time", func() error {
		client, err := sarama.NewClient(bootstrap, config())
		if err != nil {
			return err
		}
		defer client.Close()
		if offset, err := client.GetOffset(topic, 0, sarama.OffsetNewest); err != nil || offset != 600 {
			return fmt.Errorf("newest is %d, %v", offset, err)
		}
		if offset, err := client.GetOffset(topic, 0, 1); err != nil || offset != 0 {
			return fmt.Errorf("at time 1 is %d, %v", offset, err)
		}
		return nil
	})
	attempt("CreatePartitions", func() error { return admin.CreatePartitions(topic, 3, [][]int32{{1}, {1}}, false) })
	attempt("consumer group", func() error {
		ctx, cancel := context.WithCancel(context.Background())
		group, err := sarama.NewConsumerGroup(bootstrap, "sarama-group", config())
		if err != nil {
			return err
		}
		defer group.Close()
		handler := &counter{600, cancel}
		if err = group.Consume(ctx, []string{topic}, handler); err == nil && handler.wanted > 0 {
			err = fmt.Errorf("%d records did not come", handler.wanted)
		}
		return err
	})
	attempt("DeleteRecords", func() error { return admin.DeleteRecords(topic, map[int32]int64{0: 100}) })
	attempt("DeleteTopic", func() error { return admin.DeleteTopic(topic) })
}
