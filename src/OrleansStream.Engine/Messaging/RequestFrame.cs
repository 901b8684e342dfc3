using Orleans.Runtime;
using OrleansStream.Engine.Calls;
using OrleansStream.Engine.CodeGeneration;
using OrleansStream.Engine.Networking;

namespace OrleansStream.Engine.Messaging;

/// <summary>
/// A call as a frame: kind, flags, hops, correlation id (8 bytes), then the grain, the method's number, what the flags say, the arguments.
/// The first eleven bytes can be replaced without reading the rest, to pass a call on.
/// </summary>
internal static class RequestFrame
{
    private const int RoutingLength = 11;
    private const byte OneWayFlag = 1;
    private const byte SourceFlag = 4;
    private const int KindShift = 4;

    public static OutgoingFrame Write(long correlationId, int hops, in CallTarget call)
    {
        var writer = OutgoingFrame.Begin(FrameKind.Request);
        try
        {
            var flags = (call.Invocation?.Method.IsOneWay == true ? OneWayFlag : 0)
                | (call.Source is not null ? SourceFlag : 0)
                | ((int)call.Kind << KindShift);
            writer.WriteByte((byte)flags);
            writer.WriteByte((byte)hops);
            writer.WriteFixed64((ulong)correlationId);
            WriteGrainId(writer, call.GrainId);
            if (call.Kind is CallKind.Method or CallKind.StreamStart)
            {
                writer.WriteFixed64(MethodTable.IdOf(call.Invocation!.Method));
            }

            if (call.Kind != CallKind.Method)
            {
                writer.WriteGuid(call.StreamId);
                writer.WriteVarUInt32((uint)call.BatchSize);
            }

            if (call.Source is { } source)
            {
                WriteGrainId(writer, source);
            }

            if (call.Kind is CallKind.Method or CallKind.StreamStart)
            {
                call.Invocation!.WriteArguments(writer);
            }

            return new OutgoingFrame(writer);
        }
        catch
        {
            writer.Return();
            throw;
        }
    }

    /// <summary>Passes a frame on under another correlation id, one hop further.</summary>
    public static OutgoingFrame Forward(ReadOnlyMemory<byte> frame, long correlationId)
    {
        var writer = OutgoingFrame.Begin(FrameKind.Request);
        writer.WriteByte(frame.Span[1]);
        writer.WriteByte((byte)(frame.Span[2] + 1));
        writer.WriteFixed64((ulong)correlationId);
        return new OutgoingFrame(writer, frame[RoutingLength..]);
    }

    public static RequestHead ReadHead(ref MessageReader reader)
    {
        var length = reader.Remaining;
        reader.ReadByte();
        var flags = reader.ReadByte();
        var hops = reader.ReadByte();
        var correlationId = (long)reader.ReadFixed64();
        return new RequestHead(
            correlationId,
            hops,
            (CallKind)((flags >> KindShift) & 3),
            (flags & OneWayFlag) != 0,
            (flags & SourceFlag) != 0,
            ReadGrainId(ref reader),
            length);
    }

    /// <summary>Reads what follows the head.</summary>
    /// <exception cref="OrleansMessageRejectionException">The method is not known here.</exception>
    public static GrainRequest ReadBody(in RequestHead head, ref MessageReader reader, IResponder responder)
    {
        GrainMethodInvocation? invocation = null;
        if (head.Kind is CallKind.Method or CallKind.StreamStart)
        {
            var methodId = reader.ReadFixed64();
            var method = MethodTable.Find(methodId)
                ?? throw new OrleansMessageRejectionException($"The silo knows no method with the number {methodId:x16} (called on grain {head.GrainId}); is it an older version?");
            invocation = method.CreateInvocation();
        }

        var streamId = head.Kind != CallKind.Method ? reader.ReadGuid() : default;
        var batchSize = head.Kind != CallKind.Method ? (int)reader.ReadVarUInt32() : 0;
        GrainId? source = head.HasSource ? ReadGrainId(ref reader) : null;
        invocation?.ReadArguments(ref reader);
        return new GrainRequest(head.GrainId, head.Kind, invocation, responder)
        {
            CorrelationId = head.CorrelationId,
            FrameLength = head.FrameLength,
            Source = source,
            StreamId = streamId,
            BatchSize = batchSize,
        };
    }

    public static OutgoingFrame Cancel(long correlationId)
    {
        var writer = OutgoingFrame.Begin(FrameKind.Cancel);
        writer.WriteFixed64((ulong)correlationId);
        return new OutgoingFrame(writer);
    }

    private static void WriteGrainId(MessageWriter writer, GrainId grainId)
    {
        writer.WriteBytes(grainId.Type.AsSpan());
        writer.WriteBytes(grainId.Key.AsSpan());
    }

    private static GrainId ReadGrainId(ref MessageReader reader)
    {
        var type = GrainTypeTable.Intern(reader.ReadSpan());
        return new GrainId(type, new IdSpan(reader.ReadSpan().ToArray()));
    }
}

/// <summary>What routing needs of a request.</summary>
internal readonly record struct RequestHead(long CorrelationId, int Hops, CallKind Kind, bool IsOneWay, bool HasSource, GrainId GrainId, int FrameLength);

/// <summary>A call before it is written.</summary>
internal readonly record struct CallTarget(
    GrainId GrainId,
    CallKind Kind,
    GrainMethodInvocation? Invocation,
    Guid StreamId,
    int BatchSize,
    GrainId? Source);
