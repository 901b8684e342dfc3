namespace OrleansStream.Client;

/// <summary>Reads keys or values. Implementations must be safe for concurrent calls.</summary>
/// <typeparam name="T">What it reads.</typeparam>
public interface IDeserializer<out T>
{
    /// <summary>Reads a value. It is never called for a null key or value: that is default.</summary>
    /// <param name="data">
    /// The bytes. They never change, so they may be kept without a copy; that keeps the whole fetched chunk alive.
    /// </param>
    /// <param name="context">What is read.</param>
    T Deserialize(ReadOnlyMemory<byte> data, in SerializationContext context);
}
