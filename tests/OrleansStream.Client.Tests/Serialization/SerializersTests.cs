using System.Buffers;
using System.Text;

namespace OrleansStream.Client.Tests.Serialization;

public sealed class SerializersTests
{
    private static readonly SerializationContext Context = new("t", RecordPart.Value);

    [Theory]
    [InlineData("")]
    [InlineData("plain")]
    [InlineData("Grüße, 日本, 🙂")]
    public void For_RoundTripsText_InUtf8(string text)
    {
        var bytes = Write(text);

        bytes.ShouldBe(Encoding.UTF8.GetBytes(text));
        Serializers.ForReading<string>().Deserialize(bytes, Context).ShouldBe(text);
    }

    [Fact]
    public void For_WritesLongText_InUtf8()
    {
        var text = string.Concat(Enumerable.Repeat("é", 100_000));
        Write(text).ShouldBe(Encoding.UTF8.GetBytes(text));
    }

    [Fact]
    public void For_WritesIntegers_BigEndian()
    {
        Write(0x01020304).ShouldBe(new byte[] { 1, 2, 3, 4 });
        Write(-2L).ShouldBe(new byte[] { 255, 255, 255, 255, 255, 255, 255, 254 });
        Serializers.ForReading<int>().Deserialize(Write(int.MinValue), Context).ShouldBe(int.MinValue);
        Serializers.ForReading<long>().Deserialize(Write(long.MaxValue), Context).ShouldBe(long.MaxValue);
    }

    [Fact]
    public void ForReading_SaysWhatIsWrong_WhenTheSizeDoesNotFit()
        => Should.Throw<FormatException>(() => Serializers.ForReading<int>().Deserialize(new byte[3], Context)).Message
            .ShouldBe("3 bytes are not a 32-bit integer; it takes 4.");

    [Fact]
    public void For_WritesGuidsAsText_AndReadsSixteenBytesToo()
    {
        var guid = Guid.Parse("01234567-89ab-cdef-0123-456789abcdef");

        Encoding.ASCII.GetString(Write(guid)).ShouldBe("01234567-89ab-cdef-0123-456789abcdef");
        Serializers.ForReading<Guid>().Deserialize(Write(guid), Context).ShouldBe(guid);
        Serializers.ForReading<Guid>().Deserialize(Convert.FromHexString("0123456789abcdef0123456789abcdef"), Context).ShouldBe(guid);
    }

    [Fact]
    public void ForReading_CopiesArrays_AndSharesMemory()
    {
        var data = new byte[] { 1, 2, 3 };

        Serializers.ForReading<byte[]>().Deserialize(data, Context).ShouldNotBeSameAs(data);
        Serializers.ForReading<ReadOnlyMemory<byte>>().Deserialize(data, Context).Equals(data.AsMemory()).ShouldBeTrue();
        Serializers.ForReading<ReadOnlyMemory<byte>?>().Deserialize(data, Context)!.Value.Equals(data.AsMemory()).ShouldBeTrue();
    }

    [Fact]
    public void For_IsJson_WhenTheTypeIsTheApplications()
    {
        var order = new Order(7, "Käse");

        Encoding.UTF8.GetString(Write(order)).ShouldBe("{\"id\":7,\"what\":\"K\\u00E4se\"}");
        Serializers.ForReading<Order>().Deserialize(Write(order), Context).ShouldBe(order);
        Write(order).ShouldBe(Write(order), "a reused writer writes the same");
    }

    [Fact]
    public void ForReading_ReadsNothing_WhenTheTypeIsIgnore()
        => Serializers.ForReading<Ignore>().Deserialize(new byte[5], Context).ShouldBeNull();

    private static byte[] Write<T>(T value)
    {
        var writer = new ArrayBufferWriter<byte>();
        Serializers.For<T>().Serialize(value, writer, Context);
        return writer.WrittenSpan.ToArray();
    }

    private sealed record Order(int Id, string What);
}
