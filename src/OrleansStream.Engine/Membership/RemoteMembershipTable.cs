using System.Net;
using OrleansStream.Engine.CodeGeneration;
using OrleansStream.Engine.Messaging;

namespace OrleansStream.Engine.Membership;

/// <summary>The table of a development cluster, which its primary silo holds.</summary>
internal sealed class RemoteMembershipTable(IPEndPoint primary, SiloConnections connections) : IMembershipTable
{
    private readonly SemaphoreSlim _gate = new(1, 1);
    private OutboundConnection? _connection;

    public bool OutlivesSilos => false;

    public async Task<MembershipView> ReadAsync(CancellationToken cancellationToken)
    {
        var frame = await RequestAsync(MembershipMessages.Read, static _ => { }, cancellationToken).ConfigureAwait(false);
        return Parse(frame, static (ref MessageReader reader) => MembershipMessages.ReadView(ref reader));
    }

    public async Task<bool> TryWriteAsync(MemberRecord record, long expectedVersion, CancellationToken cancellationToken)
    {
        var frame = await RequestAsync(
            MembershipMessages.TryWrite,
            writer =>
            {
                writer.WriteVarInt64(expectedVersion);
                MembershipMessages.WriteRecord(writer, record);
            },
            cancellationToken).ConfigureAwait(false);
        return Parse(frame, static (ref MessageReader reader) => reader.ReadBoolean());
    }

    public IDisposable Subscribe(Action changed) => new Nothing();

    private async Task<byte[]> RequestAsync(byte operation, Action<MessageWriter> write, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_connection is not { IsClosed: false })
            {
                _connection = await connections.ConnectAsync(primary, cancellationToken).ConfigureAwait(false);
            }
        }
        finally
        {
            _gate.Release();
        }

        return await _connection.RequestAsync(operation, write, cancellationToken).ConfigureAwait(false);
    }

    private delegate T Read<T>(ref MessageReader reader);

    private static T Parse<T>(byte[] frame, Read<T> read)
    {
        var reader = new MessageReader(frame);
        return ResponseFrame.ReadHead(ref reader).Status == ResponseStatus.Success ? read(ref reader) : throw ExceptionCodec.Read(ref reader);
    }

    private sealed class Nothing : IDisposable
    {
        public void Dispose()
        {
        }
    }
}
