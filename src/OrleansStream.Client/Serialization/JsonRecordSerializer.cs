using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace OrleansStream.Client;

/// <summary>JSON by System.Text.Json, in UTF-8 without byte order mark.</summary>
/// <typeparam name="T">The type.</typeparam>
public sealed class JsonRecordSerializer<T> : ISerializer<T>, IDeserializer<T>
{
    [ThreadStatic]
    private static Utf8JsonWriter? _threadWriter;

    private readonly JsonTypeInfo<T> _typeInfo;
    private readonly JsonWriterOptions _writerOptions;

    /// <summary>JSON with the options, or with <see cref="JsonSerializerOptions.Web"/>.</summary>
    public JsonRecordSerializer(JsonSerializerOptions? options = null)
        : this((JsonTypeInfo<T>)(options ?? JsonSerializerOptions.Web).GetTypeInfo(typeof(T)))
    {
    }

    /// <summary>JSON by source-generated metadata.</summary>
    public JsonRecordSerializer(JsonTypeInfo<T> typeInfo)
    {
        ArgumentNullException.ThrowIfNull(typeInfo);
        _typeInfo = typeInfo;
        _writerOptions = new JsonWriterOptions
        {
            Encoder = typeInfo.Options.Encoder,
            Indented = typeInfo.Options.WriteIndented,
            MaxDepth = typeInfo.Options.MaxDepth,
            SkipValidation = true,
        };
    }

    /// <inheritdoc/>
    public void Serialize(T value, IBufferWriter<byte> writer, in SerializationContext context)
    {
        // A writer of another closed generic type is another field; one with other options is replaced.
        var json = Interlocked.Exchange(ref _threadWriter, null);
        if (json is null || json.Options.Encoder != _writerOptions.Encoder || json.Options.Indented != _writerOptions.Indented || json.Options.MaxDepth != _writerOptions.MaxDepth)
        {
            json = new Utf8JsonWriter(writer, _writerOptions);
        }
        else
        {
            json.Reset(writer);
        }

        JsonSerializer.Serialize(json, value, _typeInfo);
        json.Flush();
        _threadWriter = json;
    }

    /// <inheritdoc/>
    public T Deserialize(ReadOnlyMemory<byte> data, in SerializationContext context)
        => JsonSerializer.Deserialize(data.Span, _typeInfo)!;
}
