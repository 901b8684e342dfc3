using System.Buffers.Binary;

namespace OrleansStream.Cli.Bench;

/// <summary>
/// Values to send: printable bytes that repeat after a thousand records (sooner where they are large), the same in every run. A compressor finds
/// something in them, as in real data, but not the same record over and over.
/// </summary>
internal sealed class Payloads
{
    private const int MaxCount = 1024;
    private const int MaxTotalBytes = 64 * 1024 * 1024;
    private const string Alphabet = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 .,:-_";

    private readonly byte[][] _values;

    /// <summary>Values of the given size.</summary>
    public Payloads(int size)
    {
        var random = new Random(1);
        _values = new byte[Math.Clamp(MaxTotalBytes / Math.Max(1, size), 1, MaxCount)][];
        for (var index = 0; index < _values.Length; index++)
        {
            var value = new byte[size];
            for (var position = 0; position < size; position++)
            {
                value[position] = (byte)Alphabet[random.Next(Alphabet.Length)];
            }

            _values[index] = value;
        }
    }

    /// <summary>The bytes that a stamp takes.</summary>
    public static int StampBytes => 2 * sizeof(long);

    /// <summary>The value of the record with the given number. It must not be changed.</summary>
    public ReadOnlyMemory<byte> this[long number] => _values[number % _values.Length];

    /// <summary>Writes a run's mark and a time into the first bytes of a value.</summary>
    public static void Stamp(Span<byte> value, long run, long timestamp)
    {
        BinaryPrimitives.WriteInt64LittleEndian(value, run);
        BinaryPrimitives.WriteInt64LittleEndian(value[sizeof(long)..], timestamp);
    }

    /// <summary>Reads the time that a run has stamped; false for a record of somebody else.</summary>
    public static bool TryReadStamp(ReadOnlySpan<byte> value, long run, out long timestamp)
    {
        timestamp = 0;
        if (value.Length < StampBytes || BinaryPrimitives.ReadInt64LittleEndian(value) != run)
        {
            return false;
        }

        timestamp = BinaryPrimitives.ReadInt64LittleEndian(value[sizeof(long)..]);
        return true;
    }
}
