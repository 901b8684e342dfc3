using OrleansStream.Abstractions;
using OrleansStream.Protocol.Records;

namespace OrleansStream.Client.Tests;

/// <summary>A produce request as it came in.</summary>
public sealed class FakeProduce(FakePartition partition, int brokerId, PartitionProduceRequest request)
{
    public FakePartition Partition => partition;

    public int BrokerId => brokerId;

    public PartitionProduceRequest Request => request;

    public RecordBatchHeader Header { get; } = RecordBatchHeader.TryRead(request.Records.Span, out var header) ? header : default;

    /// <summary>The bytes as they were sent: a retry must send the same.</summary>
    public byte[] Bytes { get; } = request.Records.ToArray();

    public PartitionProduceResponse Append()
        => partition.Leader == brokerId ? partition.Append(request.Records) : Answer(ErrorCode.NotLeaderOrFollower);

    public PartitionProduceResponse Answer(ErrorCode error) => new(error, $"scripted {error}", -1, -1, -1, -1);
}
