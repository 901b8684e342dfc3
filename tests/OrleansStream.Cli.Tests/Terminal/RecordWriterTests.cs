using System.Text;
using OrleansStream.Cli.Terminal;

namespace OrleansStream.Cli.Tests.Terminal;

public sealed class RecordWriterTests
{
    [Fact]
    public void Write_KeepsOrderAndBytes_WhenPiecesAreSmallerAndLargerThanTheBuffer()
    {
        var output = new MemoryStream();
        var writer = new RecordWriter(output, bufferBytes: 8);
        var expected = new MemoryStream();
        for (var length = 0; length <= 20; length++)
        {
            var piece = Enumerable.Range(0, length).Select(value => (byte)(value * 37 + length)).ToArray();
            writer.Write(piece);
            writer.Write((byte)'\n');
            expected.Write(piece);
            expected.WriteByte((byte)'\n');
        }

        writer.Flush();
        output.ToArray().ShouldBe(expected.ToArray());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(long.MaxValue)]
    [InlineData(long.MinValue)]
    public void Write_GivesDecimalDigits_WhenItIsANumber(long value)
    {
        var output = new MemoryStream();
        var writer = new RecordWriter(output);
        writer.Write(value);
        writer.Flush();
        Encoding.ASCII.GetString(output.ToArray()).ShouldBe(value.ToString(System.Globalization.CultureInfo.InvariantCulture));
    }
}
