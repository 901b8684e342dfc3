using OrleansStream.Protocol.Kafka;

namespace OrleansStream.Gateway.Tests.Doubles;

/// <summary>Requests that several tests send.</summary>
internal static class SampleRequests
{
    public static ProduceRequest Produce(string topic, int partition, short acks, int bytes = 3) => new()
    {
        Acks = acks,
        TimeoutMs = 1000,
        TopicData =
        {
            new()
            {
                Name = topic,
                PartitionData = { new() { Index = partition, Records = new byte[bytes] } },
            },
        },
    };
}
