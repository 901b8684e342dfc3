using OrleansStream.Abstractions;
using OrleansStream.Protocol.Records;

namespace OrleansStream.Grains.Brokers;

/// <summary>
/// One fetch over many partitions: what has been read so far and what to read next. A partition that gets more records while
/// the fetch waits for its minimum is read on from where it was left.
/// </summary>
internal sealed class FetchInProgress
{
    private readonly FetchRequest _request;
    private readonly Part[] _parts;
    private readonly int _maxBytes;
    private readonly bool _allowsFollower;
    private readonly int[]? _nearby;
    private long _bytes;
    private bool _hasNews;

    /// <summary>Starts a fetch.</summary>
    /// <param name="request">The request.</param>
    /// <param name="maxBytes">The most bytes in the whole answer.</param>
    /// <param name="topicNames">The topics' names by their ids; one that is not there has the empty name, which no topic has.</param>
    /// <param name="allowsFollower">Whether replicas that follow answer.</param>
    /// <param name="nearby">The brokers in the reader's rack; null for none.</param>
    public FetchInProgress(FetchRequest request, int maxBytes, IReadOnlyDictionary<Guid, string> topicNames, bool allowsFollower = false, int[]? nearby = null)
    {
        _request = request;
        _maxBytes = maxBytes;
        (_allowsFollower, _nearby) = (allowsFollower, nearby);
        _parts = Array.ConvertAll(request.Partitions, partition => new Part { NextOffset = partition.Offset });
        Partitions = Array.ConvertAll(request.Partitions, partition => new TopicPartition(
            partition.TopicId == Guid.Empty ? partition.Topic : topicNames.GetValueOrDefault(partition.TopicId, string.Empty), partition.Partition));
    }

    /// <summary>The partitions in the request's order.</summary>
    public TopicPartition[] Partitions { get; }

    /// <summary>The topic's id in the request, if it has one.</summary>
    public Guid TopicIdOf(int index) => _request.Partitions[index].TopicId;

    /// <summary>Whether the answer is to be given now.</summary>
    public bool IsComplete => _hasNews || _bytes >= _request.MinBytes || _bytes >= _maxBytes;

    /// <summary>The answer for a partition that cannot be read.</summary>
    public static PartitionReadResponse Refused(ErrorCode error, string message) => new(error, message, -1, -1, -1, -1, default);

    /// <summary>What to read of a partition next; null when the answer has no room for more of it.</summary>
    public PartitionReadRequest? RequestFor(int index)
    {
        var (partition, part) = (_request.Partitions[index], _parts[index]);
        var room = (int)Math.Min(Math.Max(0, _maxBytes - _bytes), partition.MaxBytes - part.Bytes);
        if (room <= 0 && part.Latest is not null)
        {
            return null;
        }

        // A first read of 0 bytes still tells offsets and errors. The first batch of an answer comes whatever its size.
        return new PartitionReadRequest(
            part.NextOffset, Math.Max(0, room), partition.CurrentLeaderEpoch, _request.IsolationLevel, MinOneMessage: _bytes == 0, _allowsFollower, _nearby);
    }

    /// <summary>Takes in what a read brought.</summary>
    public void Add(int index, PartitionReadResponse answer)
    {
        var part = _parts[index];
        if (answer.Error != ErrorCode.None && part.Bytes > 0)
        {
            // What was read is good; the next fetch meets the error.
            _hasNews = true;
            return;
        }

        part.Latest = answer;
        _hasNews |= answer.Error != ErrorCode.None || answer.PreferredReadReplica >= 0;
        if (answer.Records.IsEmpty)
        {
            return;
        }

        part.Chunks.Add(answer.Records);
        part.Bytes += answer.Records.Length;
        _bytes += answer.Records.Length;
        foreach (var header in RecordBatch.Enumerate(answer.Records.Span))
        {
            part.NextOffset = header.NextOffset;
        }
    }

    /// <summary>The answer.</summary>
    public FetchResponse ToResponse() => new(Array.ConvertAll(_parts, part => part.ToResponse()));

    private sealed class Part
    {
        public long NextOffset { get; set; }

        public int Bytes { get; set; }

        public PartitionReadResponse? Latest { get; set; }

        public List<ReadOnlyMemory<byte>> Chunks { get; } = new(1);

        public PartitionReadResponse ToResponse()
        {
            var latest = Latest ?? throw new InvalidOperationException("A fetch was answered before each of its partitions was read.");
            return Chunks.Count switch
            {
                0 => latest,
                1 => latest.Records.Length == Bytes ? latest : latest with { Records = Chunks[0] },
                _ => latest with { Records = Join() },
            };
        }

        private byte[] Join()
        {
            var joined = new byte[Bytes];
            var position = 0;
            foreach (var chunk in Chunks)
            {
                chunk.CopyTo(joined.AsMemory(position));
                position += chunk.Length;
            }

            return joined;
        }
    }
}
