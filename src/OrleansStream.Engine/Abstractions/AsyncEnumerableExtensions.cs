using OrleansStream.Engine.Streams;

namespace Orleans.Runtime;

/// <summary>Settings of a stream that a grain method returns.</summary>
public static class AsyncEnumerableExtensions
{
    /// <summary>How many items a batch on its way to the caller may have. Default 100. Other enumerables are returned as they are.</summary>
    public static IAsyncEnumerable<T> WithBatchSize<T>(this IAsyncEnumerable<T> self, int maxBatchSize)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxBatchSize, 1);
        return self is RemoteStream<T> stream ? stream.WithBatchSize(maxBatchSize) : self;
    }
}
