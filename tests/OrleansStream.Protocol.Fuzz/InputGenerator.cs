using System.Buffers.Binary;
using OrleansStream.Protocol.Compression;
using OrleansStream.Protocol.Records;

namespace OrleansStream.Protocol.Fuzz;

/// <summary>Makes inputs: well-formed batches and compressed data, then mutations of them.</summary>
internal sealed class InputGenerator
{
    private static readonly long[] InterestingNumbers =
    [
        0, 1, -1, 2, 3, 4, 5, 7, 8, 48, 49, 50, 60, 61, 62, 127, 128, 255, 256, 0x7fff, 0x8000, 0xffff,
        int.MaxValue, int.MinValue, int.MaxValue - 12, int.MaxValue - 11, long.MaxValue, long.MinValue, long.MaxValue - 1,
    ];

    private static readonly int[] HeaderFields = [0, 8, 12, 16, 17, 21, 23, 27, 35, 43, 51, 53, 57];

    private readonly List<byte[]> _seeds;

    /// <summary>Starts from the cases of a corpus besides the generated ones.</summary>
    public InputGenerator(IEnumerable<byte[]> corpus) => _seeds = [.. corpus];

    public byte[] Create(ref FuzzRandom random)
    {
        var input = random.Next(10) switch
        {
            0 => Noise(ref random),
            1 => CompressedData(ref random),
            2 when _seeds.Count > 0 => (byte[])_seeds[random.Next(_seeds.Count)].Clone(),
            _ => Batch(ref random),
        };
        for (var mutations = random.Next(6); mutations > 0; mutations--)
        {
            input = Mutate(ref random, input);
        }

        return random.OneIn(20) ? [.. input, .. Batch(ref random)] : input;
    }

    private static byte[] Noise(ref FuzzRandom random)
    {
        var noise = new byte[random.Next(300)];
        random.Fill(noise);
        return noise;
    }

    private static byte[] CompressedData(ref FuzzRandom random)
    {
        var plain = new byte[random.Next(2000)];
        if (random.OneIn(2))
        {
            random.Fill(plain);
        }

        return Compress((CompressionType)(1 + random.Next(4)), plain);
    }

    private static byte[] Batch(ref FuzzRandom random)
    {
        var type = (CompressionType)random.Next(5);
        using var builder = new RecordBatchBuilder { IsTransactional = random.OneIn(4), IsControl = random.OneIn(8) };
        for (var count = 1 + random.Next(4); count > 0; count--)
        {
            var headers = new RecordHeader[random.OneIn(3) ? random.Next(3) : 0];
            for (var i = 0; i < headers.Length; i++)
            {
                headers[i] = new RecordHeader(random.OneIn(2) ? "h" : "ключ", Bytes(ref random, 20));
            }

            builder.Append(random.OneIn(5) ? (long)random.NextUInt64() : random.Next(100_000), Bytes(ref random, 20), Bytes(ref random, 200), headers);
        }

        using var batch = builder.Close(random.OneIn(2) ? new ProducerSequence(random.Next(100), 0, random.Next(100)) : ProducerSequence.None);
        var plain = batch.Memory.ToArray();
        if (type == CompressionType.None)
        {
            return plain;
        }

        // Mutations under the compression reach the records' parser, mutations above it the codec.
        var records = plain[RecordBatchHeader.Size..];
        for (var mutations = random.Next(3); mutations > 0; mutations--)
        {
            records = Mutate(ref random, records);
        }

        byte[] result = [.. plain[..RecordBatchHeader.Size], .. Compress(type, records)];
        BinaryPrimitives.WriteInt32BigEndian(result.AsSpan(8), result.Length - RecordBatchHeader.LogOverhead);
        result[22] |= (byte)type;
        RecordBatch.RenewCrc(result);
        return result;
    }

    private static byte[] Compress(CompressionType type, byte[] plain)
    {
        using var compressed = new PooledBufferWriter();
        CompressionCodecs.Get(type).Compress(plain, compressed);
        return compressed.WrittenSpan.ToArray();
    }

    private static byte[]? Bytes(ref FuzzRandom random, int maxLength)
    {
        if (random.OneIn(4))
        {
            return null;
        }

        var bytes = new byte[random.Next(maxLength)];
        random.Fill(bytes);
        return bytes;
    }

    private static byte[] Mutate(ref FuzzRandom random, byte[] input)
    {
        if (input.Length == 0)
        {
            return Noise(ref random);
        }

        var position = random.Next(input.Length);
        switch (random.Next(9))
        {
            case 0:
                input[position] ^= (byte)(1 << random.Next(8));
                return input;
            case 1:
                input[position] = (byte)random.NextUInt64();
                return input;
            case 2:
                input[position] = (byte)InterestingNumbers[random.Next(InterestingNumbers.Length)];
                return input;
            case 3:
                WriteNumber(ref random, input.AsSpan(position));
                return input;
            case 4:
                WriteNumber(ref random, input.AsSpan(Math.Min(HeaderFields[random.Next(HeaderFields.Length)], input.Length - 1)));
                return input;
            case 5:
                return input[..position];
            case 6:
                var removed = Math.Min(1 + random.Next(16), input.Length - position);
                return [.. input[..position], .. input[(position + removed)..]];
            case 7:
                var copied = Math.Min(1 + random.Next(32), input.Length - position);
                return [.. input[..position], .. input[position..(position + copied)], .. input[position..]];
            default:
                Span<byte> number = stackalloc byte[VarInt.MaxSizeOfInt64];
                var size = VarInt.WriteInt64(number, InterestingNumbers[random.Next(InterestingNumbers.Length)]);
                return [.. input[..position], .. number[..size], .. input[Math.Min(position + 1, input.Length)..]];
        }
    }

    private static void WriteNumber(ref FuzzRandom random, Span<byte> target)
    {
        var value = InterestingNumbers[random.Next(InterestingNumbers.Length)];
        if (target.Length >= 8 && random.OneIn(2))
        {
            BinaryPrimitives.WriteInt64BigEndian(target, value);
        }
        else if (target.Length >= 4)
        {
            BinaryPrimitives.WriteInt32BigEndian(target, (int)value);
        }
        else
        {
            target[0] = (byte)value;
        }
    }
}
