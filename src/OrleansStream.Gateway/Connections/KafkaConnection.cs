using System.Net.Sockets;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using OrleansStream.Gateway.Requests;
using OrleansStream.Protocol.Kafka;

namespace OrleansStream.Gateway.Connections;

/// <summary>
/// One client's connection: reads requests, lets the dispatcher begin to answer each in its order, and sends the
/// responses in that order. A bounded number of requests is in work; while it is reached, nothing is read, so the
/// client's socket fills up: backpressure without a thread.
/// </summary>
internal sealed partial class KafkaConnection
{
    private readonly Socket _socket;
    private readonly Stream _stream;
    private readonly KafkaGatewayOptions _options;
    private readonly RequestDispatcher _dispatcher;
    private readonly RequestMemory _memory;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _aborted = new();
    private readonly CancellationTokenSource _stopReading = new();
    private readonly Channel<PendingResponse> _responses;
    private int _inWork;
    private long _lastActivity;

    /// <summary>Takes ownership of the socket.</summary>
    public KafkaConnection(
        Socket socket,
        Stream stream,
        ClientState client,
        KafkaGatewayOptions options,
        RequestDispatcher dispatcher,
        RequestMemory memory,
        TimeProvider time,
        ILogger logger)
    {
        _socket = socket;
        _stream = stream;
        Client = client;
        _options = options;
        _dispatcher = dispatcher;
        _memory = memory;
        _time = time;
        _logger = logger;
        _lastActivity = time.GetTimestamp();
        _responses = Channel.CreateBounded<PendingResponse>(new BoundedChannelOptions(options.MaxInFlightRequestsPerConnection)
        {
            SingleReader = true,
            SingleWriter = true,
        });
    }

    /// <summary>Who is connected.</summary>
    public ClientState Client { get; }

    /// <summary>How long no request came while none was in work and the connection was not muted.</summary>
    public TimeSpan Idle
    {
        get
        {
            if (Volatile.Read(ref _inWork) > 0)
            {
                return TimeSpan.Zero;
            }

            var (sinceActivity, sinceMuted) = (_time.GetElapsedTime(Volatile.Read(ref _lastActivity)), Client.SinceMuted(_time));
            return sinceMuted < sinceActivity ? sinceMuted : sinceActivity;
        }
    }

    /// <summary>Serves the connection until either side ends it. Never fails: what goes wrong is logged, once.</summary>
    public async Task RunAsync()
    {
        var sending = SendAsync();
        try
        {
            await ReceiveAsync();
        }
        catch (KafkaProtocolException exception)
        {
            LogMalformed(Client, exception.Message);
        }
        catch (Exception exception) when (exception is IOException or SocketException or OperationCanceledException or ObjectDisposedException)
        {
            LogDisconnected(Client, exception.Message);
        }
        catch (Exception exception)
        {
            LogFailed(exception, Client);
        }

        // The client has gone or is not to ask any more: long polls are answered with what is there.
        await _stopReading.CancelAsync();
        _responses.Writer.Complete();
        await sending;
        await _aborted.CancelAsync();
        _socket.Dispose();
        await _stream.DisposeAsync();
    }

    /// <summary>Reads no further request; the responses to those in work are still sent.</summary>
    public void StopReading() => _stopReading.Cancel();

    /// <summary>Ends the connection at once.</summary>
    public void Abort()
    {
        _aborted.Cancel();
        _stopReading.Cancel();
        _socket.Dispose();
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Closing {Client}: {Reason}")]
    private partial void LogMalformed(ClientState client, string reason);

    [LoggerMessage(Level = LogLevel.Debug, Message = "The {Client} ended: {Reason}")]
    private partial void LogDisconnected(ClientState client, string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "Closing {Client} after an unexpected error")]
    private partial void LogFailed(Exception exception, ClientState client);
}
