using System.Collections;
using System.Reflection;
using OrleansStream.Protocol.Kafka;

namespace OrleansStream.Protocol.Tests.Kafka;

/// <summary>All generated messages and versions, and messages filled with values that differ from every default.</summary>
public static class KafkaMessages
{
    public delegate IKafkaMessage Reader(ref KafkaReader reader, short version);

    public static IReadOnlyList<MessageCase> All { get; } =
    [
        .. typeof(KafkaReader).Assembly.GetTypes()
            .Where(type => type is { IsClass: true, IsNested: false } && typeof(IKafkaMessage).IsAssignableFrom(type))
            .OrderBy(type => type.Name, StringComparer.Ordinal)
            .SelectMany(Versions),
    ];

    public static TheoryData<string, short> Names()
    {
        var data = new TheoryData<string, short>();
        foreach (var message in All)
        {
            data.Add(message.Type.Name, message.Version);
        }

        return data;
    }

    public static MessageCase Find(string name, short version)
        => All.Single(message => message.Type.Name == name && message.Version == version);

    /// <summary>A message in which every field, nested ones included, has a value of its own.</summary>
    public static IKafkaMessage Filled(Type type)
    {
        var seed = 0;
        return (IKafkaMessage)Fill(type, ref seed);
    }

    /// <summary>A message as it is when nothing was set.</summary>
    public static IKafkaMessage Empty(Type type) => (IKafkaMessage)Activator.CreateInstance(type)!;

    public static byte[] Write(IKafkaMessage message, short version)
    {
        using var writer = new KafkaWriter();
        message.Write(writer, version);
        return writer.ToArray();
    }

    private static IEnumerable<MessageCase> Versions(Type type)
    {
        var min = (short)type.GetProperty("MinVersion")!.GetValue(null)!;
        var max = (short)type.GetProperty("MaxVersion")!.GetValue(null)!;
        var read = type.GetMethod("Read", BindingFlags.Public | BindingFlags.Static)!;
        var reader = (Reader)typeof(KafkaMessages).GetMethod(nameof(MakeReader), BindingFlags.NonPublic | BindingFlags.Static)!
            .MakeGenericMethod(type).Invoke(null, null)!;
        for (var version = min; version <= max; version++)
        {
            yield return new MessageCase(type, version, reader);
        }
    }

    private static Reader MakeReader<T>()
        where T : IKafkaMessage<T>
        => (ref KafkaReader reader, short version) => T.Read(ref reader, version);

    private static object Fill(Type type, ref int seed)
    {
        seed++;
        if (type == typeof(string))
        {
            return $"text-é-{seed}";
        }

        if (type == typeof(Guid))
        {
            return new Guid(seed, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10);
        }

        if (type == typeof(ReadOnlyMemory<byte>))
        {
            return new ReadOnlyMemory<byte>([1, 2, (byte)seed]);
        }

        if (type == typeof(bool))
        {
            return true;
        }

        if (type.IsEnum)
        {
            return Enum.ToObject(type, seed % 100);
        }

        if (type.IsPrimitive)
        {
            return Convert.ChangeType(seed % 100, type, System.Globalization.CultureInfo.InvariantCulture);
        }

        var instance = Activator.CreateInstance(type)!;
        foreach (var property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance).OrderBy(property => property.MetadataToken))
        {
            var propertyType = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
            if (propertyType.IsGenericType && propertyType.GetGenericTypeDefinition() == typeof(List<>))
            {
                var list = (IList)Activator.CreateInstance(propertyType)!;
                list.Add(Fill(propertyType.GetGenericArguments()[0], ref seed));
                list.Add(Fill(propertyType.GetGenericArguments()[0], ref seed));
                property.SetValue(instance, list);
            }
            else
            {
                property.SetValue(instance, Fill(propertyType, ref seed));
            }
        }

        return instance;
    }

    public sealed record MessageCase(Type Type, short Version, Reader Reader)
    {
        public IKafkaMessage Read(ReadOnlyMemory<byte> bytes, out int remaining)
        {
            var reader = new KafkaReader(bytes);
            var message = Reader(ref reader, Version);
            remaining = reader.Remaining;
            return message;
        }
    }
}
