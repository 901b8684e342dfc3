using System.Buffers.Binary;
using System.Collections;
using System.Reflection;
using OrleansStream.Protocol.Fuzz;
using OrleansStream.Protocol.Kafka;

namespace OrleansStream.Gateway.Fuzz;

/// <summary>Makes requests (without their length): proper ones of every API and version that is served, changed in a few places.</summary>
internal sealed class RequestGenerator
{
    private static readonly byte[] Extremes = [0x00, 0x01, 0x02, 0x7F, 0x80, 0xFE, 0xFF];

    private readonly List<byte[]> _proper = [];

    public RequestGenerator(IEnumerable<ApiKey> apis)
    {
        var keys = apis.ToHashSet();
        foreach (var type in typeof(KafkaReader).Assembly.GetTypes().Where(type => type is { IsClass: true, IsNested: false } && type.Name.EndsWith("Request", StringComparison.Ordinal)))
        {
            if (type.GetProperty("ApiKey", BindingFlags.Public | BindingFlags.Static)?.GetValue(null) is not ApiKey key || !keys.Contains(key))
            {
                continue;
            }

            var api = KafkaApis.Find((short)key)!;
            for (var version = api.MinVersion; version <= api.MaxVersion; version++)
            {
                _proper.Add(Write((IKafkaMessage)Activator.CreateInstance(type)!, api, version));
                var seed = 0;
                _proper.Add(Write((IKafkaMessage)Fill(type, ref seed), api, version));
            }
        }
    }

    /// <summary>Proper requests, one without and one with content for each API and version.</summary>
    public IReadOnlyList<byte[]> Proper => _proper;

    public byte[] Create(ref FuzzRandom random)
    {
        var request = _proper[random.Next(_proper.Count)].ToArray();
        for (var changes = random.Next(6); changes > 0; changes--)
        {
            request = Change(request, ref random);
        }

        return request;
    }

    private byte[] Change(byte[] request, ref FuzzRandom random)
    {
        if (request.Length == 0)
        {
            return [(byte)random.Next(256)];
        }

        // The first bytes say which API it is: changed too often, everything would be an unknown API.
        var first = random.OneIn(20) || request.Length <= 8 ? 0 : 8;
        var position = first + random.Next(request.Length - first);
        switch (random.Next(8))
        {
            case 0:
                request[position] ^= (byte)(1 << random.Next(8));
                return request;
            case 1:
                request[position] = Extremes[random.Next(Extremes.Length)];
                return request;
            case 2:
                return request[..position];
            case 3:
                var inserted = new byte[1 + random.Next(16)];
                random.Fill(inserted);
                return [.. request[..position], .. inserted, .. request[position..]];
            case 4:
                var end = Math.Min(request.Length, position + 1 + random.Next(16));
                return [.. request[..position], .. request[end..]];
            case 5 when request.Length - position >= 4:
                BinaryPrimitives.WriteInt32BigEndian(request.AsSpan(position), random.OneIn(2) ? int.MaxValue - random.Next(4) : -random.Next(4));
                return request;
            case 6:
                var other = _proper[random.Next(_proper.Count)];
                return [.. request[..position], .. other[random.Next(other.Length)..]];
            default:
                var from = random.Next(request.Length);
                var length = Math.Min(random.Next(64), request.Length - Math.Max(from, position));
                request.AsSpan(from, length).CopyTo(request.AsSpan(position));
                return request;
        }
    }

    private static byte[] Write(IKafkaMessage request, ApiDescriptor api, short version)
    {
        using var writer = new KafkaWriter();
        writer.WriteInt16((short)api.Key);
        writer.WriteInt16(version);
        writer.WriteInt32(1);
        writer.WriteNullableString("fuzz", flexible: false);
        if (api.RequestHeaderVersion(version) >= 2)
        {
            writer.WriteUnsignedVarInt(0);
        }

        request.Write(writer, version);
        return writer.ToArray();
    }

    private static object Fill(Type type, ref int seed)
    {
        seed++;
        if (type == typeof(string))
        {
            return $"text-{seed}";
        }

        if (type == typeof(Guid))
        {
            return new Guid(seed, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10);
        }

        if (type == typeof(ReadOnlyMemory<byte>))
        {
            return new ReadOnlyMemory<byte>(new byte[70]);
        }

        if (type.IsEnum)
        {
            return Enum.ToObject(type, 1);
        }

        if (type.IsPrimitive)
        {
            return Convert.ChangeType(seed % 2, type, System.Globalization.CultureInfo.InvariantCulture);
        }

        var instance = Activator.CreateInstance(type)!;
        foreach (var property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance))
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
}
