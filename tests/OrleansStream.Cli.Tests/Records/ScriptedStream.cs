namespace OrleansStream.Cli.Tests.Records;

/// <summary>A stream that hands out its bytes in pieces of the given size, as a pipe may.</summary>
internal sealed class ScriptedStream(byte[] content, int pieceBytes) : MemoryStream(content)
{
    public override int Read(byte[] buffer, int offset, int count) => base.Read(buffer, offset, Math.Min(count, pieceBytes));

    public override int Read(Span<byte> buffer) => base.Read(buffer[..Math.Min(buffer.Length, pieceBytes)]);
}
