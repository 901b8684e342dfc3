using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using OrleansStream.ZooKeeper.Requests;
using OrleansStream.ZooKeeper.Wire;

namespace OrleansStream.ZooKeeper.Connection;

/// <summary>One TCP connection to one server: frames of four bytes' length and content. One reader and one writer at a time.</summary>
internal sealed class ServerConnection : IAsyncDisposable
{
    private const int FlushBytes = 64 * 1024;

    private readonly Stream _stream;
    private readonly PipeReader _reader;
    private readonly PipeWriter _writer;
    private readonly int _maxFrameBytes;

    private ServerConnection(DnsEndPoint server, Stream stream, int maxFrameBytes)
    {
        Server = server;
        _stream = stream;
        _reader = PipeReader.Create(stream, new StreamPipeReaderOptions(leaveOpen: true));
        _writer = PipeWriter.Create(stream, new StreamPipeWriterOptions(leaveOpen: true));
        _maxFrameBytes = maxFrameBytes;
    }

    public DnsEndPoint Server { get; }

    public static async Task<ServerConnection> ConnectAsync(
        DnsEndPoint server, SslClientAuthenticationOptions? tls, int maxFrameBytes, CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        Stream? stream = null;
        try
        {
            await socket.ConnectAsync(server, cancellationToken);
            stream = new NetworkStream(socket, ownsSocket: true);
            if (tls is not null)
            {
                var secure = new SslStream(stream);
                stream = secure;
                await secure.AuthenticateAsClientAsync(ForServer(tls, server), cancellationToken);
            }

            return new ServerConnection(server, stream, maxFrameBytes);
        }
        catch
        {
            if (stream is not null)
            {
                await stream.DisposeAsync();
            }

            socket.Dispose();
            throw;
        }
    }

    /// <summary>Buffers the frame of a record without header.</summary>
    public void Write(ReadOnlyMemory<byte> record)
    {
        new JuteWriter(_writer).WriteInt(record.Length);
        _writer.Write(record.Span);
    }

    /// <summary>Buffers a request's frame.</summary>
    public void Write(int xid, OpCode opCode, ReadOnlyMemory<byte> record)
    {
        var writer = new JuteWriter(_writer);
        writer.WriteInt((2 * sizeof(int)) + record.Length);
        writer.WriteInt(xid);
        writer.WriteInt((int)opCode);
        _writer.Write(record.Span);
    }

    /// <summary>Buffers a request's frame.</summary>
    /// <returns>Whether so much is buffered that it should be flushed before more.</returns>
    public bool Write(PendingRequest request)
    {
        Write(request.Xid, request.OpCode, request.Body);
        return _writer.UnflushedBytes >= FlushBytes;
    }

    public ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken) => _writer.FlushAsync(cancellationToken);

    /// <summary>Waits for a frame.</summary>
    /// <returns>Its content; null when the server has closed the connection.</returns>
    /// <exception cref="ZooKeeperProtocolException">The frame's length cannot be right.</exception>
    public async ValueTask<byte[]?> ReadFrameAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var read = await _reader.ReadAsync(cancellationToken);
            var buffer = read.Buffer;
            if (TryTakeFrame(ref buffer, out var frame))
            {
                _reader.AdvanceTo(buffer.Start);
                return frame;
            }

            _reader.AdvanceTo(buffer.Start, buffer.End);
            if (read.IsCompleted)
            {
                return null;
            }
        }
    }

    public async ValueTask DisposeAsync() => await _stream.DisposeAsync();

    private static SslClientAuthenticationOptions ForServer(SslClientAuthenticationOptions tls, DnsEndPoint server)
        => new()
        {
            TargetHost = string.IsNullOrEmpty(tls.TargetHost) ? server.Host : tls.TargetHost,
            AllowRenegotiation = tls.AllowRenegotiation,
            ApplicationProtocols = tls.ApplicationProtocols,
            CertificateChainPolicy = tls.CertificateChainPolicy,
            CertificateRevocationCheckMode = tls.CertificateRevocationCheckMode,
            CipherSuitesPolicy = tls.CipherSuitesPolicy,
            ClientCertificateContext = tls.ClientCertificateContext,
            ClientCertificates = tls.ClientCertificates,
            EnabledSslProtocols = tls.EnabledSslProtocols,
            EncryptionPolicy = tls.EncryptionPolicy,
            LocalCertificateSelectionCallback = tls.LocalCertificateSelectionCallback,
            RemoteCertificateValidationCallback = tls.RemoteCertificateValidationCallback,
        };

    private bool TryTakeFrame(ref ReadOnlySequence<byte> buffer, out byte[]? frame)
    {
        frame = null;
        if (buffer.Length < sizeof(int))
        {
            return false;
        }

        Span<byte> prefix = stackalloc byte[sizeof(int)];
        buffer.Slice(0, sizeof(int)).CopyTo(prefix);
        var length = BinaryPrimitives.ReadInt32BigEndian(prefix);
        if (length < 0 || length > _maxFrameBytes)
        {
            throw new ZooKeeperProtocolException(
                $"{ConnectString.TextOf(Server)} announces a frame of {length} bytes; at most {_maxFrameBytes} are read. It may not be a ZooKeeper server, or it expects TLS.");
        }

        if (buffer.Length < sizeof(int) + length)
        {
            return false;
        }

        frame = buffer.Slice(sizeof(int), length).ToArray();
        buffer = buffer.Slice(sizeof(int) + length);
        return true;
    }
}
