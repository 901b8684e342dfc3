using System.Text;
using OrleansStream.Cli.Records;
using OrleansStream.Cli.Terminal;
using OrleansStream.Client;

namespace OrleansStream.Cli.Tests.Records;

public sealed class RecordFormatTests
{
    private readonly MemoryStream _output = new();
    private readonly RecordWriter _writer;

    public RecordFormatTests() => _writer = new RecordWriter(_output);

    [Fact]
    public void Text_IsTheValueAndANewline_ByDefault()
    {
        Write(new TextRecordFormat(_writer, [9]), Record(null, [0, 0xFF, (byte)'\r']));
        _output.ToArray().ShouldBe([0, 0xFF, (byte)'\r', (byte)'\n']);
    }

    [Fact]
    public void Text_HasTheParts_ThatWereAskedFor()
    {
        var format = new TextRecordFormat(_writer, "|"u8.ToArray())
        {
            PrintKey = true,
            PrintHeaders = true,
            PrintOffset = true,
            PrintPartition = true,
            PrintTimestamp = true,
        };
        Write(format, Record("k"u8.ToArray(), "v"u8.ToArray()));
        Text.ShouldBe("1700000000000|2|42||k|v\n");
    }

    [Fact]
    public void Text_IsAnEmptyLine_WhenTheValueIsNull()
    {
        Write(new TextRecordFormat(_writer, [9]) { PrintKey = true }, Record("k"u8.ToArray(), null));
        Text.ShouldBe("k\t\n");
    }

    [Fact]
    public void Json_HasStrings_WhenTheBytesAreUtf8()
    {
        Write(new JsonRecordFormat(_writer), Record(null, Encoding.UTF8.GetBytes("Grüße \"x\"\n")));
        Text.ShouldBe("""{"topic":"t","partition":2,"offset":42,"timestamp":1700000000000,"key":null,"value":"Grüße \"x\"\n"}""" + "\n");
    }

    [Fact]
    public void Json_HasBase64_WhenTheBytesAreNotUtf8()
    {
        Write(new JsonRecordFormat(_writer), Record([0xFF], null));
        Text.ShouldBe("""{"topic":"t","partition":2,"offset":42,"timestamp":1700000000000,"keyBase64":"/w==","value":null}""" + "\n");
    }

    private string Text => Encoding.UTF8.GetString(_output.ToArray());

    private void Write(IRecordFormat format, ConsumeResult<ReadOnlyMemory<byte>?, ReadOnlyMemory<byte>?> record)
    {
        format.Write(record);
        _writer.Flush();
    }

    private static ConsumeResult<ReadOnlyMemory<byte>?, ReadOnlyMemory<byte>?> Record(byte[]? key, byte[]? value) => new()
    {
        TopicPartition = new TopicPartition("t", 2),
        Offset = 42,
        TimestampMs = 1_700_000_000_000,
        Key = key is null ? null : (ReadOnlyMemory<byte>?)key,
        Value = value is null ? null : (ReadOnlyMemory<byte>?)value,
    };
}
