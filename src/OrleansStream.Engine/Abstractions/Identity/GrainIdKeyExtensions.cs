using System.Buffers.Text;

namespace Orleans.Runtime;

/// <summary>Makes and reads the keys of grain ids. Integers are written in hexadecimal.</summary>
public static class GrainIdKeyExtensions
{
    /// <summary>The key of an integer.</summary>
    public static IdSpan CreateIntegerKey(long key)
    {
        Span<byte> text = stackalloc byte[16];
        Utf8Formatter.TryFormat(key, text, out var length, 'X');
        return new IdSpan(text[..length].ToArray());
    }

    /// <summary>The integer in a grain's key.</summary>
    /// <exception cref="InvalidOperationException">The key is not an integer.</exception>
    public static long GetIntegerKey(this GrainId grainId)
    {
        var text = grainId.Key.AsSpan();
        return Utf8Parser.TryParse(text, out long key, out var length, 'X') && length == text.Length
            ? key
            : throw new InvalidOperationException($"The key of grain {grainId} is not an integer.");
    }
}
