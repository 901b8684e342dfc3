namespace OrleansStream.Client;

/// <summary>A serializer whose values are bytes already, so that the producer takes them from where they are.</summary>
internal interface IMemorySerializer<in T> : ISerializer<T>
{
    /// <summary>The value's bytes.</summary>
    ReadOnlyMemory<byte> AsMemory(T value);
}
