using OrleansStream.Engine.CodeGeneration;
using OrleansStream.Engine.Networking;

namespace OrleansStream.Engine.Messaging;

/// <summary>
/// A call's answer as a frame: kind, status, correlation id (8 bytes), then the result or the error.
/// The first ten bytes can be replaced without reading the rest, to pass an answer on.
/// </summary>
internal static class ResponseFrame
{
    private const int RoutingLength = 10;

    public static OutgoingFrame Write(long correlationId, InvocationResult result)
    {
        var writer = Begin(ResponseStatus.Success, correlationId);
        try
        {
            result.Write(writer);
            return new OutgoingFrame(writer);
        }
        catch
        {
            writer.Return();
            throw;
        }
    }

    public static OutgoingFrame Write(long correlationId, Exception exception)
    {
        var writer = Begin(ResponseStatus.Error, correlationId);
        ExceptionCodec.Write(writer, exception);
        return new OutgoingFrame(writer);
    }

    /// <summary>Passes an answer on under another correlation id.</summary>
    public static OutgoingFrame Forward(ReadOnlyMemory<byte> frame, long correlationId)
    {
        var writer = Begin((ResponseStatus)frame.Span[1], correlationId);
        return new OutgoingFrame(writer, frame[RoutingLength..]);
    }

    public static (ResponseStatus Status, long CorrelationId) ReadHead(ref MessageReader reader)
    {
        reader.ReadByte();
        var status = (ResponseStatus)reader.ReadByte();
        return (status, (long)reader.ReadFixed64());
    }

    private static MessageWriter Begin(ResponseStatus status, long correlationId)
    {
        var writer = OutgoingFrame.Begin(FrameKind.Response);
        writer.WriteByte((byte)status);
        writer.WriteFixed64((ulong)correlationId);
        return writer;
    }
}

/// <summary>How a call ended. The numbers are on the wire and never change.</summary>
internal enum ResponseStatus : byte
{
    /// <summary>With a result.</summary>
    Success = 0,

    /// <summary>With an error.</summary>
    Error = 1,
}
