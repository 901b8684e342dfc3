using System.Text;

namespace OrleansStream.EndToEnd.Tests.Scenarios;

/// <summary>Lines such as real sources have them: package descriptions, names in several scripts, empty and long lines, NULs, CRs and broken UTF-8.</summary>
internal static class SampleText
{
    private static readonly string[] Words =
    [
        "Package:", "Version:", "Depends:", "libc6", "(>=", "2.36)", "Müller", "François", "日本語", "Ελληνικά", "naïve", "🚀", "data", "stream", "the", "of",
        "https://example.org/a?b=c&d=%20", "0123456789abcdef", "\t", "\"quoted\"", "{json: [1, 2]}", "x", "\0", "\r",
    ];

    /// <summary>About so many bytes of lines; the last one ends with a newline. Equal seeds give equal bytes.</summary>
    public static byte[] Generate(int bytes, int seed)
    {
        var random = new Random(seed);
        var text = new MemoryStream(bytes + 1_000_000);
        while (text.Length < bytes)
        {
            switch (random.Next(200))
            {
                case 0:
                    WriteRandomBytes(text, random, random.Next(300));
                    break;
                case 1 when random.Next(100) == 0:
                    text.Write(Encoding.UTF8.GetBytes(new string('ß', random.Next(200_000))));
                    break;
                case < 20:
                    break;
                default:
                    WriteWords(text, random);
                    break;
            }

            text.WriteByte((byte)'\n');
        }

        return text.ToArray();
    }

    private static void WriteWords(MemoryStream text, Random random)
    {
        for (var count = random.Next(1, 25); count > 0; count--)
        {
            text.Write(Encoding.UTF8.GetBytes(Words[random.Next(Words.Length)]));
            text.WriteByte((byte)' ');
        }
    }

    private static void WriteRandomBytes(MemoryStream text, Random random, int count)
    {
        for (; count > 0; count--)
        {
            var value = (byte)random.Next(256);
            text.WriteByte(value == (byte)'\n' ? (byte)0 : value);
        }
    }
}
