namespace OrleansStream.Storage.Files;

/// <summary>
/// One open file of a log. Reads may come from any thread; writes come from one thread at a time.
/// Errors are the framework's I/O exceptions.
/// </summary>
public interface ILogFile : IDisposable
{
    /// <summary>The file's length in bytes.</summary>
    long Length { get; }

    /// <summary>Reads until <paramref name="buffer"/> is full or the file ends.</summary>
    /// <param name="buffer">Where the bytes go.</param>
    /// <param name="position">The position in the file of the first byte.</param>
    /// <returns>The bytes read; fewer than asked for at the end of the file only.</returns>
    /// <exception cref="ObjectDisposedException">The handle cache has closed the file meanwhile; open it again.</exception>
    int Read(Span<byte> buffer, long position);

    /// <summary>
    /// Writes the buffers back to back. When it returns, the bytes, and what is needed to find them again, are on stable
    /// storage; when it throws, any part of them may be.
    /// </summary>
    /// <param name="buffers">What to write; not kept.</param>
    /// <param name="position">The position in the file of the first byte.</param>
    void Write(IReadOnlyList<ReadOnlyMemory<byte>> buffers, long position);

    /// <summary>Cuts or extends the file; durable after <see cref="Flush"/>.</summary>
    void SetLength(long length);

    /// <summary>Brings everything written so far, and the length, to stable storage.</summary>
    void Flush();
}
