using System.Buffers;

namespace OrleansStream.Client;

/// <summary>Writes keys or values. Implementations must be safe for concurrent calls.</summary>
/// <typeparam name="T">What it writes.</typeparam>
public interface ISerializer<in T>
{
    /// <summary>Writes the value. It is never called with null: null is a null key or value in the record.</summary>
    /// <param name="value">The value.</param>
    /// <param name="writer">Where to; it may be used during the call only.</param>
    /// <param name="context">What is written.</param>
    void Serialize(T value, IBufferWriter<byte> writer, in SerializationContext context);
}
