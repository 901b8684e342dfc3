using System.Globalization;
using System.Text;

namespace OrleansStream.Cli.Invocation;

/// <summary>
/// A separator as it is typed: UTF-8, with the escapes <c>\t</c>, <c>\n</c>, <c>\0</c>, <c>\\</c> and <c>\xHH</c> for
/// bytes that a shell makes hard to type.
/// </summary>
internal static class Delimiter
{
    /// <summary>The bytes that the text stands for.</summary>
    /// <exception cref="CommandFailedException">The text is empty or holds an unknown escape.</exception>
    public static byte[] Parse(string option, string text)
    {
        if (text.Length == 0)
        {
            throw CommandFailedException.Usage($"{option} is empty; give at least one character, for example {option} ':' or {option} '\\t'.");
        }

        var bytes = new List<byte>(text.Length);
        Span<byte> utf8 = stackalloc byte[4];
        for (var index = 0; index < text.Length;)
        {
            if (text[index] != '\\')
            {
                var rune = Rune.GetRuneAt(text, index);
                bytes.AddRange(utf8[..rune.EncodeToUtf8(utf8)]);
                index += rune.Utf16SequenceLength;
                continue;
            }

            switch (index + 1 < text.Length ? text[index + 1] : '\0')
            {
                case 't':
                    bytes.Add((byte)'\t');
                    break;
                case 'n':
                    bytes.Add((byte)'\n');
                    break;
                case '0':
                    bytes.Add(0);
                    break;
                case '\\':
                    bytes.Add((byte)'\\');
                    break;
                case 'x' when index + 3 < text.Length
                    && byte.TryParse(text.AsSpan(index + 2, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value):
                    bytes.Add(value);
                    index += 2;
                    break;
                default:
                    throw CommandFailedException.Usage($"{option} '{text}' holds an unknown escape at character {index + 1}; known are \\t, \\n, \\0, \\\\ and \\xHH.");
            }

            index += 2;
        }

        return [.. bytes];
    }
}
