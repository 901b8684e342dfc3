using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace OrleansStream.Engine.CodeGeneration;

/// <summary>What the codecs of arrays, lists and other runs of elements have in common.</summary>
internal static class Sequences
{
    // Elements for which memory is taken before any was read, where an element can be much larger than its bytes.
    private const int FirstAllocation = 1024;

    public static void Write<T, TCodec>(MessageWriter writer, ReadOnlySpan<T> values)
        where TCodec : struct, IValueCodec<T>
    {
        writer.BeginSequence(values.Length, default(TCodec).WireType);
        foreach (ref readonly var value in values)
        {
            default(TCodec).Write(writer, value);
        }

        writer.EndSequence();
    }

    public static void WriteEnumerable<T, TCodec>(MessageWriter writer, int count, IEnumerable<T> values)
        where TCodec : struct, IValueCodec<T>
    {
        writer.BeginSequence(count, default(TCodec).WireType);
        var written = 0;
        foreach (var value in values)
        {
            default(TCodec).Write(writer, value);
            written++;
        }

        writer.EndSequence();
        if (written != count)
        {
            throw new InvalidOperationException($"A collection was changed while it was written: it said {count} elements and had {written}.");
        }
    }

    public static T[]? Read<T, TCodec>(ref MessageReader reader)
        where TCodec : struct, IValueCodec<T>
    {
        var count = reader.BeginSequence(default(TCodec).WireType);
        if (count < 0)
        {
            return null;
        }

        var values = count == 0 ? [] : new T[FirstCapacity<T>(count)];
        for (var i = 0; i < count; i++)
        {
            if (i == values.Length)
            {
                Array.Resize(ref values, (int)Math.Min(count, 2L * i));
            }

            values[i] = default(TCodec).Read(ref reader);
        }

        reader.EndSequence();
        return values;
    }

    public static T[] Copy<T, TCodec>(ReadOnlySpan<T> values)
        where TCodec : struct, IValueCodec<T>
    {
        if (values.IsEmpty || default(TCodec).IsImmutable)
        {
            return values.ToArray();
        }

        var copy = new T[values.Length];
        for (var i = 0; i < copy.Length; i++)
        {
            copy[i] = default(TCodec).Copy(values[i]);
        }

        return copy;
    }

    public static List<T> ToList<T>(T[] values)
    {
        var list = new List<T>(values.Length);
        CollectionsMarshal.SetCount(list, values.Length);
        values.CopyTo(CollectionsMarshal.AsSpan(list));
        return list;
    }

    // An element has at least one byte on the wire, so a count never asks for more than a few times the message's size.
    public static int FirstCapacity<T>(int count) => Unsafe.SizeOf<T>() <= 8 ? count : Math.Min(count, FirstAllocation);
}
