using System.Text;
using OrleansStream.Cli.Records;

namespace OrleansStream.Cli.Tests.Records;

public sealed class LineReaderTests
{
    [Theory]
    [InlineData("", new string[0])]
    [InlineData("\n", new[] { "" })]
    [InlineData("a", new[] { "a" })]
    [InlineData("a\n", new[] { "a" })]
    [InlineData("a\n\nb", new[] { "a", "", "b" })]
    [InlineData("a\r\nb\r\n", new[] { "a\r", "b\r" })]
    [InlineData("\0\n\0\0\nx\0", new[] { "\0", "\0\0", "x\0" })]
    [InlineData("Grüße\n日本語\n", new[] { "Grüße", "日本語" })]
    public void TryRead_GivesEveryLine_HoweverTheInputIsCut(string input, string[] expected)
    {
        var bytes = Encoding.UTF8.GetBytes(input);
        for (var piece = 1; piece <= bytes.Length + 1; piece++)
        {
            ReadAll(bytes, piece).Select(Encoding.UTF8.GetString).ShouldBe(expected, $"pieces of {piece} bytes");
        }
    }

    [Fact]
    public void TryRead_KeepsEveryByte_WhenTheInputIsNotText()
    {
        var random = new Random(20260731);
        var bytes = new byte[200_000];
        random.NextBytes(bytes);
        bytes[^1] = (byte)'\n';

        var joined = new MemoryStream();
        foreach (var line in ReadAll(bytes, 4099))
        {
            joined.Write(line);
            joined.WriteByte((byte)'\n');
        }

        joined.ToArray().ShouldBe(bytes);
    }

    [Fact]
    public void TryRead_GrowsItsBuffer_WhenALineIsLong()
    {
        var line = new byte[3_000_000];
        Array.Fill(line, (byte)'x');
        ReadAll([.. line, (byte)'\n', (byte)'y'], 65_536).Select(item => item.Length).ShouldBe([3_000_000, 1]);
    }

    [Theory]
    [InlineData("ok\n0123456789\n")]
    [InlineData("ok\n0123456789")]
    [InlineData("ok\n012345678901234567890123456789")]
    public void TryRead_NamesTheLine_WhenItIsLongerThanTheLimit(string input)
    {
        using var reader = new LineReader(new ScriptedStream(Encoding.UTF8.GetBytes(input), 3), maxLineBytes: 9, bufferBytes: 16);
        reader.TryRead(out _).ShouldBeTrue();
        Should.Throw<LineTooLongException>(() => reader.TryRead(out _)).LineNumber.ShouldBe(2);
    }

    [Fact]
    public void LineNumber_CountsFromOne_WhileLinesAreRead()
    {
        using var reader = new LineReader(new MemoryStream("a\nb\nc"u8.ToArray()), 100);
        var numbers = new List<long>();
        while (reader.TryRead(out _))
        {
            numbers.Add(reader.LineNumber);
        }

        numbers.ShouldBe([1, 2, 3]);
    }

    private static List<byte[]> ReadAll(byte[] input, int pieceBytes)
    {
        using var reader = new LineReader(new ScriptedStream(input, pieceBytes), int.MaxValue / 4, bufferBytes: 16);
        var lines = new List<byte[]>();
        while (reader.TryRead(out var line))
        {
            lines.Add(line.ToArray());
        }

        return lines;
    }
}
