using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace OrleansStream.Faults.Checking;

/// <summary>
/// A record's value: partition, number and length, the rest is filled from them, so that a changed byte shows. A line of text, since
/// some clients take and give records as lines.
/// </summary>
internal static class RecordValue
{
    public const int MinBytes = 40;

    public static byte[] Write(int partition, long sequence, int bytes) => Encoding.ASCII.GetBytes(WriteText(partition, sequence, bytes));

    public static string WriteText(int partition, long sequence, int bytes)
        => string.Create(CultureInfo.InvariantCulture, $"{partition}:{sequence}:{bytes}:").PadRight(bytes, (char)FillOf(partition, sequence));

    /// <summary>The number of a record; -1 when it is not one that was written for this partition.</summary>
    public static long Read(ReadOnlySpan<byte> value, int partition)
    {
        var rest = value;
        return TryTake(ref rest, out var wrotePartition) && wrotePartition == partition
            && TryTake(ref rest, out var sequence)
            && TryTake(ref rest, out var bytes) && bytes == value.Length
            && !rest.ContainsAnyExcept(FillOf(partition, sequence))
                ? sequence
                : -1;
    }

    private static bool TryTake(ref ReadOnlySpan<byte> rest, out long number)
    {
        if (!Utf8Parser.TryParse(rest, out number, out var length) || length >= rest.Length || rest[length] != (byte)':')
        {
            return false;
        }

        rest = rest[(length + 1)..];
        return true;
    }

    private static byte FillOf(int partition, long sequence) => (byte)('a' + (((sequence * 31) + partition) % 26));
}
