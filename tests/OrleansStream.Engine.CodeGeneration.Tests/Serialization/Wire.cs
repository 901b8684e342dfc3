namespace OrleansStream.Engine.CodeGeneration.Tests.Serialization;

/// <summary>To bytes and back.</summary>
internal static class Wire
{
    public static byte[] Write<T>(T value)
    {
        var writer = MessageWriter.Rent();
        try
        {
            ValueCodecs.Get<T>().Write(writer, value);
            var bytes = writer.ToArray();
            bytes.Length.ShouldBe(writer.Length);
            return bytes;
        }
        finally
        {
            writer.Return();
        }
    }

    public static T Read<T>(ReadOnlyMemory<byte> bytes)
    {
        var reader = new MessageReader(bytes);
        var value = ValueCodecs.Get<T>().Read(ref reader);
        reader.Remaining.ShouldBe(0, "the codec must read what it wrote, all of it");
        return value;
    }

    public static T RoundTrip<T>(T value)
    {
        var bytes = Write(value);
        SkipsExactly(ValueCodecs.Get<T>().WireType, bytes);
        return Read<T>(bytes);
    }

    public static T Copy<T>(T value) => ValueCodecs.Get<T>().Copy(value);

    private static void SkipsExactly(WireType type, byte[] bytes)
    {
        var reader = new MessageReader(bytes);
        reader.Skip(type);
        reader.Remaining.ShouldBe(0, "skipping must pass over the value, all of it");
    }
}
