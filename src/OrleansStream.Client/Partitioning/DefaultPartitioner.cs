namespace OrleansStream.Client;

/// <summary>
/// Kafka's default: the murmur2 hash of the key over all partitions; without key uniform and sticky (KIP-480, KIP-794).
/// </summary>
public sealed class DefaultPartitioner
{
}
