using OrleansStream.Protocol.Kafka;

namespace OrleansStream.Core.Groups.Records;

/// <summary>A record of <c>__consumer_offsets</c>: what it says, not its bytes.</summary>
/// <param name="Key">One of the keys in <c>GroupKeys</c>.</param>
/// <param name="Value">The value that belongs to it; null for a tombstone.</param>
public sealed record CoordinatorRecord(IKafkaMessage Key, IKafkaMessage? Value);
