using System.Runtime.InteropServices;

namespace OrleansStream.Cli.Terminal;

/// <summary>
/// The process' stdout as a stream of bytes, without a buffer of its own. Unlike the framework's console stream it reports
/// a reader that went away (<see cref="OutputClosedException"/>), so that <c>consume | head</c> ends; unlike a FileStream it
/// leaves the position of a shared file to the system, so that two commands can write to one redirected file in turn.
/// </summary>
internal sealed partial class StandardOutput : Stream
{
    private const int FileDescriptor = 1;
    private const int Interrupted = 4;
    private const int BrokenPipe = 32;
    private const int ConnectionReset = 104;

    private StandardOutput()
    {
    }

    /// <inheritdoc/>
    public override bool CanRead => false;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => true;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Opens stdout.</summary>
    public static Stream Open() => OperatingSystem.IsWindows() ? Console.OpenStandardOutput() : new StandardOutput();

    /// <inheritdoc/>
    /// <exception cref="OutputClosedException">Nobody reads any more.</exception>
    /// <exception cref="IOException">The write failed, for example because the disk is full.</exception>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        while (!buffer.IsEmpty)
        {
            var written = WriteToDescriptor(FileDescriptor, buffer, buffer.Length);
            if (written >= 0)
            {
                buffer = buffer[(int)written..];
                continue;
            }

            switch (Marshal.GetLastPInvokeError())
            {
                case Interrupted:
                    break;
                case BrokenPipe or ConnectionReset:
                    throw new OutputClosedException();
                case var error:
                    throw new IOException($"Writing to stdout failed: {Marshal.GetPInvokeErrorMessage(error)}.");
            }
        }
    }

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    /// <inheritdoc/>
    public override void Flush()
    {
    }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    private static partial nint WriteToDescriptor(int descriptor, ReadOnlySpan<byte> buffer, nint count);
}
