using OrleansStream.Protocol.Records;

namespace OrleansStream.Client;

/// <summary>What is (de)serialized.</summary>
/// <param name="Topic">The topic.</param>
/// <param name="Part">Key or value.</param>
/// <param name="Headers">The record's headers as far as they are known: a serializer may read them; null for none.</param>
public readonly record struct SerializationContext(string Topic, RecordPart Part, IReadOnlyList<RecordHeader>? Headers = null);
