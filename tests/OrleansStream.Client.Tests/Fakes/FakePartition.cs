using OrleansStream.Abstractions;
using OrleansStream.Protocol.Records;

namespace OrleansStream.Client.Tests;

/// <summary>A log in memory with Kafka's rules for idempotent producers, written down independently of the product's.</summary>
public sealed class FakePartition(TopicPartition topicPartition, Action appended)
{
    private readonly Lock _gate = new();
    private readonly List<byte[]> _batches = [];
    private readonly Dictionary<long, ProducerState> _producers = [];

    public TopicPartition TopicPartition => topicPartition;

    public int Leader { get; set; } = 1;

    public int LeaderEpoch { get; set; }

    public long LogStartOffset { get; set; }

    public long EndOffset { get; private set; }

    public int MaxBatchBytes { get; set; } = 1024 * 1024 + 12;

    public long LogAppendTimeMs { get; set; } = -1;

    public List<int> BatchRecordCounts { get; } = [];

    public PartitionProduceResponse Append(ReadOnlyMemory<byte> records)
    {
        lock (_gate)
        {
            RecordBatch.VerifyCrc(records.Span).ShouldBeTrue("the producer's CRC is right");
            RecordBatchHeader.TryRead(records.Span, out var header).ShouldBeTrue();
            header.TotalSize.ShouldBe(records.Length, "one batch, exactly");
            if (records.Length > MaxBatchBytes)
            {
                return Refuse(ErrorCode.MessageTooLarge);
            }

            if (header.HasProducerId && CheckSequence(header) is { } answer)
            {
                return answer;
            }

            var baseOffset = EndOffset;
            var copy = records.ToArray();
            RecordBatch.SetBaseOffset(copy, baseOffset);
            RecordBatch.SetPartitionLeaderEpoch(copy, LeaderEpoch);
            if (LogAppendTimeMs >= 0)
            {
                RecordBatch.SetLogAppendTime(copy, LogAppendTimeMs);
            }

            AppendRaw(copy, header.RecordCount);
            if (header.HasProducerId)
            {
                _producers[header.ProducerId].Add(header, baseOffset);
            }

            return new PartitionProduceResponse(ErrorCode.None, null, baseOffset, LogAppendTimeMs, LogStartOffset, LeaderEpoch);
        }
    }

    /// <summary>Appends bytes as they are, sound or not.</summary>
    public void AppendRaw(byte[] batch, int recordCount)
    {
        lock (_gate)
        {
            _batches.Add(batch);
            BatchRecordCounts.Add(recordCount);
            EndOffset += recordCount;
        }

        appended();
    }

    /// <summary>Appends records of one batch whose values are the given texts.</summary>
    public void AppendValues(params string[] values)
    {
        using var builder = new RecordBatchBuilder();
        foreach (var value in values)
        {
            builder.Append(1000, NullableSpan.Null, System.Text.Encoding.UTF8.GetBytes(value));
        }

        using var batch = builder.Close();
        Append(batch.Memory);
    }

    public void ForgetProducers()
    {
        lock (_gate)
        {
            _producers.Clear();
        }
    }

    public PartitionReadResponse Read(long offset, int maxBytes)
    {
        lock (_gate)
        {
            if (offset < LogStartOffset || offset > EndOffset)
            {
                return new PartitionReadResponse(ErrorCode.OffsetOutOfRange, "out of range", EndOffset, EndOffset, LogStartOffset, LeaderEpoch, default);
            }

            var result = new List<byte>();
            foreach (var batch in _batches)
            {
                RecordBatchHeader.TryRead(batch, out var header);
                if (header.NextOffset > offset && (result.Count == 0 || result.Count + batch.Length <= maxBytes))
                {
                    result.AddRange(batch);
                }
            }

            return new PartitionReadResponse(ErrorCode.None, null, EndOffset, EndOffset, LogStartOffset, LeaderEpoch, result.ToArray());
        }
    }

    public ListOffsetResponse ListOffset(long timestamp)
    {
        lock (_gate)
        {
            return timestamp switch
            {
                ListOffsetTimestamps.Earliest => new ListOffsetResponse(ErrorCode.None, LogStartOffset, -1, LeaderEpoch),
                ListOffsetTimestamps.Latest => new ListOffsetResponse(ErrorCode.None, EndOffset, -1, LeaderEpoch),
                _ => ByTimestamp(timestamp),
            };
        }
    }

    /// <summary>All values in the log as texts.</summary>
    public string[] Values()
    {
        lock (_gate)
        {
            var result = new List<string>();
            foreach (var batch in _batches)
            {
                using var reader = new RecordReader();
                reader.Open(batch);
                while (reader.TryRead(out var record))
                {
                    result.Add(System.Text.Encoding.UTF8.GetString(record.Value.Span));
                }
            }

            return [.. result];
        }
    }

    public RecordBatchHeader[] Headers()
    {
        lock (_gate)
        {
            return [.. _batches.Select(batch => RecordBatchHeader.TryRead(batch, out var header) ? header : default)];
        }
    }

    public byte[] Batch(int index)
    {
        lock (_gate)
        {
            return _batches[index];
        }
    }

    private ListOffsetResponse ByTimestamp(long timestamp)
    {
        foreach (var batch in _batches)
        {
            using var reader = new RecordReader();
            reader.Open(batch);
            while (reader.TryRead(out var record))
            {
                if (record.TimestampMs >= timestamp)
                {
                    return new ListOffsetResponse(ErrorCode.None, record.Offset, record.TimestampMs, LeaderEpoch);
                }
            }
        }

        return new ListOffsetResponse(ErrorCode.None, -1, -1, -1);
    }

    private PartitionProduceResponse? CheckSequence(RecordBatchHeader header)
    {
        if (!_producers.TryGetValue(header.ProducerId, out var state))
        {
            if (header.BaseSequence != 0)
            {
                return Refuse(ErrorCode.UnknownProducerId);
            }

            _producers.Add(header.ProducerId, new ProducerState { Epoch = header.ProducerEpoch });
            return null;
        }

        if (header.ProducerEpoch < state.Epoch)
        {
            return Refuse(ErrorCode.InvalidProducerEpoch);
        }

        if (header.ProducerEpoch > state.Epoch)
        {
            return header.BaseSequence == 0 ? null : Refuse(ErrorCode.OutOfOrderSequenceNumber);
        }

        var duplicate = state.Last.FirstOrDefault(batch => batch.BaseSequence == header.BaseSequence && batch.RecordCount == header.RecordCount);
        if (duplicate is not null)
        {
            return new PartitionProduceResponse(ErrorCode.None, null, duplicate.BaseOffset, -1, LogStartOffset, LeaderEpoch);
        }

        return header.BaseSequence == state.NextSequence ? null : Refuse(ErrorCode.OutOfOrderSequenceNumber);
    }

    private PartitionProduceResponse Refuse(ErrorCode error) => new(error, $"refused: {error}", -1, -1, LogStartOffset, LeaderEpoch);

    private sealed class ProducerState
    {
        public short Epoch { get; set; }

        public int NextSequence { get; private set; }

        public List<StoredBatch> Last { get; } = [];

        public void Add(RecordBatchHeader header, long baseOffset)
        {
            if (header.ProducerEpoch > Epoch)
            {
                Epoch = header.ProducerEpoch;
                Last.Clear();
            }

            Last.Add(new StoredBatch(header.BaseSequence, header.RecordCount, baseOffset));
            if (Last.Count > 5)
            {
                Last.RemoveAt(0);
            }

            NextSequence = header.BaseSequence + header.RecordCount;
        }
    }

    private sealed record StoredBatch(int BaseSequence, int RecordCount, long BaseOffset);
}
