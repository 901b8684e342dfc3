// librdkafka of today, through Confluent.Kafka, for tests/faults.sh.
//   librdkafka.dll produce BOOTSTRAP TOPIC          sends what stdin says: PARTITION NUMBER VALUE
//   librdkafka.dll consume BOOTSTRAP TOPIC GROUP    prints what it reads: PARTITION OFFSET VALUE
// The producer prints, in the order of its delivery reports: ack PARTITION NUMBER OFFSET; fail PARTITION NUMBER REASON; fatal REASON. It ends when
// its input does and everything is reported. After a fatal error a new one is made, as an application has to.
using System.Globalization;
using Confluent.Kafka;

const int MaxUnderWay = 20_000;

switch (args)
{
    case ["produce", var bootstrap, var topic]:
        await ProduceAsync(bootstrap, topic);
        return 0;
    case ["consume", var bootstrap, var topic, var group]:
        Consume(bootstrap, topic, group);
        return 0;
    default:
        Console.Error.WriteLine("Arguments: produce BOOTSTRAP TOPIC, or consume BOOTSTRAP TOPIC GROUP.");
        return 2;
}

static async Task ProduceAsync(string bootstrap, string topic)
{
    var config = new ProducerConfig
    {
        BootstrapServers = bootstrap,
        EnableIdempotence = true,
        Acks = Acks.All,
        LingerMs = 5,
        RequestTimeoutMs = 5_000,
        SocketTimeoutMs = 5_000,
        QueueBufferingMaxMessages = MaxUnderWay,
    };
    var isFatal = false;
    var producer = Build();
    while (await Console.In.ReadLineAsync() is { } line)
    {
        var words = line.Split(' ', 3);
        var partition = int.Parse(words[0], CultureInfo.InvariantCulture);
        var number = words[1];
        if (Volatile.Read(ref isFatal))
        {
            producer.Flush(CancellationToken.None);
            producer.Dispose();
            isFatal = false;
            producer = Build();
            Say("restart after a fatal error");
        }

        var isTaken = false;
        while (!isTaken)
        {
            try
            {
                producer.Produce(new TopicPartition(topic, partition), new Message<Null, string> { Value = words[2] }, report =>
                    Say(report.Error.IsError
                        ? $"fail {partition} {number} {report.Error.Code} {report.Error.Reason}"
                        : string.Create(CultureInfo.InvariantCulture, $"ack {partition} {number} {report.Offset.Value}")));
                isTaken = true;
            }
            catch (ProduceException<Null, string> error) when (error.Error.Code == ErrorCode.Local_QueueFull)
            {
                // Reports make room; the next line of input waits meanwhile.
                producer.Poll(TimeSpan.FromMilliseconds(100));
            }
            catch (ProduceException<Null, string> error)
            {
                Say($"fail {partition} {number} {error.Error.Code} {error.Error.Reason}");
                isTaken = true;
            }
        }
    }

    producer.Flush(CancellationToken.None);
    producer.Dispose();

    IProducer<Null, string> Build() => new ProducerBuilder<Null, string>(config)
        .SetLogHandler(Log)
        .SetErrorHandler((_, error) =>
        {
            if (error.IsFatal)
            {
                Volatile.Write(ref isFatal, true);
                Say($"fatal {error.Code} {error.Reason}");
            }
        })
        .Build();
}

static void Consume(string bootstrap, string topic, string group)
{
    // The group protocol of KIP-848; kcat and kafkajs are members of the classic one.
    var config = new ConsumerConfig
    {
        BootstrapServers = bootstrap,
        GroupId = group,
        GroupProtocol = GroupProtocol.Consumer,
        SocketTimeoutMs = 5_000,
        AutoOffsetReset = AutoOffsetReset.Earliest,
        AutoCommitIntervalMs = 1_000,
    };
    while (true)
    {
        using var consumer = new ConsumerBuilder<Ignore, string>(config)
            .SetLogHandler(Log)
            .SetErrorHandler((_, error) => Console.Error.WriteLine($"{error.Code} {error.Reason}"))
            .Build();
        consumer.Subscribe(topic);
        var isFatal = false;
        while (!isFatal)
        {
            try
            {
                var result = consumer.Consume(CancellationToken.None);
                Say(string.Create(CultureInfo.InvariantCulture, $"{result.Partition.Value} {result.Offset.Value} {result.Message.Value}"));
            }
            catch (ConsumeException error)
            {
                isFatal = error.Error.IsFatal;
                Console.Error.WriteLine($"{error.Error.Code} {error.Error.Reason}");
            }
        }

        Say("restart after a fatal error");
    }
}

static void Log(IClient client, LogMessage message) => Console.Error.WriteLine($"{message.Level} {message.Facility} {message.Message}");

static void Say(string line)
{
    lock (Console.Out)
    {
        Console.Out.WriteLine(line);
    }
}
