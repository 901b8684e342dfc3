using OrleansStream.Protocol.Records;

namespace OrleansStream.Client;

/// <summary>What all decoders share.</summary>
internal static class RecordDecoder
{
    public static RecordReaderOptions UncheckedOptions { get; } = new() { CheckCrc = false };
}

/// <summary>Makes typed records of what lies in a batch. Safe for concurrent use with different readers.</summary>
internal sealed class RecordDecoder<TKey, TValue>(ConsumerOptions<TKey, TValue> options, ConsumerLog log)
{
    private readonly IDeserializer<TKey> _keys = options.KeyDeserializer ?? Serializers.ForReading<TKey>();
    private readonly IDeserializer<TValue> _values = options.ValueDeserializer ?? Serializers.ForReading<TValue>();
    private readonly IConsumerInterceptor<TKey, TValue>[] _interceptors = [.. options.Interceptors];

    /// <summary>Reads on to the next record that is not before an offset.</summary>
    public bool TryNext(RecordReader reader, TopicPartition topicPartition, long firstOffset, out ConsumeResult<TKey, TValue> result)
    {
        while (reader.TryRead(out var record))
        {
            if (record.Offset < firstOffset)
            {
                continue;
            }

            var headers = record.HeaderCount == 0 ? null : record.Headers.ToArray();
            result = new ConsumeResult<TKey, TValue>
            {
                TopicPartition = topicPartition,
                Offset = record.Offset,
                TimestampMs = record.TimestampMs,
                Key = Read(_keys, reader, record.KeyPosition, record.KeyLength, topicPartition, record.Offset, RecordPart.Key, headers),
                Value = Read(_values, reader, record.ValuePosition, record.ValueLength, topicPartition, record.Offset, RecordPart.Value, headers),
                RawHeaders = headers,
                TimestampType = reader.Header.TimestampType,
                LeaderEpoch = reader.Header.PartitionLeaderEpoch,
            };
            if (_interceptors.Length > 0)
            {
                result = Intercept(result);
            }

            return true;
        }

        result = default;
        return false;
    }

    private static T? Read<T>(
        IDeserializer<T> deserializer,
        RecordReader reader,
        int position,
        int length,
        TopicPartition topicPartition,
        long offset,
        RecordPart part,
        RecordHeader[]? headers)
    {
        if (length < 0)
        {
            return default;
        }

        try
        {
            return deserializer.Deserialize(reader.Records.Slice(position, length), new SerializationContext(topicPartition.Topic, part, headers));
        }
        catch (Exception exception) when (exception is not OrleansStreamException)
        {
            throw new RecordSerializationException(topicPartition, offset, part, exception);
        }
    }

    private ConsumeResult<TKey, TValue> Intercept(ConsumeResult<TKey, TValue> result)
    {
        foreach (var interceptor in _interceptors)
        {
            try
            {
                result = interceptor.OnConsume(result);
            }
#pragma warning disable CA1031 // The interceptor is the application's; the record goes on without it.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                log.InterceptorFailed(exception);
            }
        }

        return result;
    }
}
