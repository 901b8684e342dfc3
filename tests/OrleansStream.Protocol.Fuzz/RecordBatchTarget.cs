using OrleansStream.Protocol.Compression;
using OrleansStream.Protocol.Records;

namespace OrleansStream.Protocol.Fuzz;

/// <summary>
/// Feeds arbitrary bytes to everything that reads record batches. A <see cref="ProtocolException"/> is an orderly refusal;
/// any other exception, and any broken promise between the readers, is a finding.
/// </summary>
internal sealed class RecordBatchTarget : IDisposable
{
    private const int MaxPlainBytes = 1 << 20;

    private static readonly CompressionType[] Codecs = [CompressionType.Gzip, CompressionType.Snappy, CompressionType.Lz4, CompressionType.Zstd];

    private static readonly RecordBatchLimits Limits = new()
    {
        MaxMessageBytes = int.MaxValue,
        TimestampType = TimestampType.LogAppendTime,
        AllowControl = true,
        Inspection = RecordInspection.All,
        DecompressionLimits = new DecompressionLimits { MaxBytes = MaxPlainBytes },
    };

    private readonly RecordReader _reader = new(new RecordReaderOptions { DecompressionLimits = Limits.DecompressionLimits });
    private readonly RecordReader _rebuiltReader = new();
    private readonly RecordBatchBuilder _builder = new();
    private readonly PooledBufferWriter _plain = new(maxBytes: MaxPlainBytes);

    /// <summary>How many inputs had all their records read.</summary>
    public long Accepted { get; private set; }

    /// <summary>Runs all readers over the input.</summary>
    /// <exception cref="InvalidOperationException">A promise was broken.</exception>
    public void Run(byte[] input)
    {
        ReadVarInts(input);
        Split(input);
        Decompress(input);
        if (input.Length >= RecordBatchHeader.Size)
        {
            // As it came, and once more past the checks that a mutation seldom survives.
            ReadRecords(input);
            var repaired = (byte[])input.Clone();
            repaired[16] = 2;
            System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(repaired.AsSpan(8), repaired.Length - RecordBatchHeader.LogOverhead);
            RecordBatch.RenewCrc(repaired);
            ReadRecords(repaired);
        }
    }

    public void Dispose()
    {
        _reader.Dispose();
        _rebuiltReader.Dispose();
        _builder.Dispose();
        _plain.Dispose();
    }

    private static void ReadVarInts(ReadOnlySpan<byte> input)
    {
        try
        {
            Span<byte> again = stackalloc byte[VarInt.MaxSizeOfInt64];
            if (VarInt.TryReadInt64(input, out var value, out var bytesRead))
            {
                Require(VarInt.WriteInt64(again, value) == bytesRead && again[..bytesRead].SequenceEqual(input[..bytesRead]), "a varlong has two encodings");
            }

            if (VarInt.TryReadInt32(input, out var small, out bytesRead))
            {
                Require(VarInt.WriteInt32(again, small) == bytesRead && again[..bytesRead].SequenceEqual(input[..bytesRead]), "a varint has two encodings");
            }
        }
        catch (ProtocolException)
        {
        }
    }

    private static void Split(byte[] input)
    {
        var memory = RecordBatch.Enumerate(input.AsMemory());
        var span = RecordBatch.Enumerate(input.AsSpan());
        try
        {
            while (memory.MoveNext())
            {
                Require(span.MoveNext(), "the enumerators disagree");
                Require(span.Current == memory.Current.Header && span.BytesConsumed == memory.BytesConsumed, "the enumerators disagree");
                Require(memory.Current.Memory.Length == memory.Current.Header.SizeInBytes, "a batch is not as long as it says");
                memory.Current.Header.Validate();
            }
        }
        catch (ProtocolException)
        {
        }
    }

    private void Decompress(byte[] input)
    {
        foreach (var type in Codecs)
        {
            _plain.Clear();
            try
            {
                CompressionCodecs.Get(type).Decompress(input, _plain);
            }
            catch (ProtocolException)
            {
            }

            Require(_plain.WrittenCount <= MaxPlainBytes, "the limit was passed");
        }
    }

    private void ReadRecords(byte[] batch)
    {
        var validation = RecordBatchValidator.Validate(batch, Limits, nowMs: 0);
        var count = 0;
        try
        {
            _reader.Open(batch);
            while (_reader.TryRead(out var record))
            {
                Require(record.Offset >= _reader.Header.BaseOffset && record.Offset <= _reader.Header.LastOffset, "an offset is outside the batch");
                var headers = record.Headers.ToArray();
                Require(headers.Length == record.HeaderCount, "headers are missing");
                _ = record.Key.ToArray();
                _ = record.Value.ToArray();
                count++;
            }
        }
        catch (ProtocolException)
        {
            Require(!validation.IsValid || _reader.Header.BaseOffset < 0 || BaseOffsetIsWrong(batch), "the validator accepts what the reader refuses");
            return;
        }

        Require(count == _reader.Header.RecordCount, "records are missing");
        Accepted++;
        if (count > 0)
        {
            RebuildAndCompare(batch);
        }
    }

    /// <summary>The validator does not look at the base offset, since the broker stamps it.</summary>
    private static bool BaseOffsetIsWrong(byte[] batch)
    {
        RecordBatchHeader.TryRead(batch, out var header);
        return !header.Validate().IsValid && (header with { BaseOffset = 0 }).Validate().IsValid;
    }

    /// <summary>What was read can be written again and reads the same.</summary>
    private void RebuildAndCompare(byte[] batch)
    {
        _builder.Reset();
        _reader.Open(batch);
        var isAppendTime = _reader.Header.TimestampType == TimestampType.LogAppendTime;
        foreach (var record in _reader)
        {
            _builder.AppendAt((int)(record.Offset - _reader.Header.BaseOffset), record.TimestampMs, record.Key, record.Value, record.Headers.ToArray());
        }

        using var rebuilt = _builder.Close();
        _rebuiltReader.Open(rebuilt.Memory);
        _reader.Open(batch);
        foreach (var expected in _reader)
        {
            Require(_rebuiltReader.TryRead(out var actual), "the rebuilt batch has fewer records");
            Require(actual.TimestampMs == expected.TimestampMs || isAppendTime, "a timestamp changed");
            Require(actual.KeyLength == expected.KeyLength && actual.Key.Span.SequenceEqual(expected.Key.Span), "a key changed");
            Require(actual.ValueLength == expected.ValueLength && actual.Value.Span.SequenceEqual(expected.Value.Span), "a value changed");
            Require(actual.HeaderCount == expected.HeaderCount, "headers changed");
        }
    }

    private static void Require(bool condition, string promise)
    {
        if (!condition)
        {
            throw new InvalidOperationException($"Broken: {promise}.");
        }
    }
}
