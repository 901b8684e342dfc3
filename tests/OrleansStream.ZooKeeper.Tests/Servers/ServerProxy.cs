using System.Net;
using System.Net.Sockets;

namespace OrleansStream.ZooKeeper.Tests.Servers;

/// <summary>Stands between client and server, and loses connections or bytes when told to.</summary>
internal sealed class ServerProxy : IAsyncDisposable
{
    private readonly CancellationTokenSource _stopped = new();
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Lock _lock = new();
    private readonly List<Socket> _sockets = [];
    private readonly int _target;
    private readonly Task _loop;
    private bool _isCut;
    private bool _isAnswering = true;
    private bool _isAsking = true;
    private TaskCompletionSource _resumed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource _swallowed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public ServerProxy(int target)
    {
        _target = target;
        _listener.Start();
        _loop = AcceptAsync();
    }

    public string Address => _listener.LocalEndpoint.ToString()!;

    /// <summary>Completes when bytes of the server have been kept back since the last <see cref="HoldAnswers"/>.</summary>
    public Task AnswerHeld => _swallowed.Task;

    /// <summary>Ends all connections and takes no more.</summary>
    public void Cut()
    {
        lock (_lock)
        {
            _isCut = true;
        }

        Drop();
    }

    /// <summary>Ends all connections; new ones are taken.</summary>
    public void Drop()
    {
        lock (_lock)
        {
            foreach (var socket in _sockets)
            {
                socket.Dispose();
            }

            _sockets.Clear();
        }
    }

    /// <summary>Lets bytes of the client through, but none of the server.</summary>
    public void HoldAnswers()
    {
        lock (_lock)
        {
            _swallowed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _isAnswering = false;
        }
    }

    /// <summary>Lets nothing through in either direction, as a network that has gone silent; new connections hang too.</summary>
    public void Silence()
    {
        lock (_lock)
        {
            _isAnswering = _isAsking = false;
        }
    }

    /// <summary>All is well again.</summary>
    public void Restore()
    {
        lock (_lock)
        {
            _isCut = false;
            _isAnswering = _isAsking = true;
            _resumed.TrySetResult();
            _resumed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stopped.CancelAsync();
        _listener.Stop();
        Cut();
        await _loop;
        _stopped.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (!_stopped.IsCancellationRequested)
        {
            try
            {
                var client = await _listener.AcceptSocketAsync(_stopped.Token);
                _ = ServeAsync(client);
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException)
            {
                return;
            }
        }
    }

    private async Task ServeAsync(Socket client)
    {
        var server = new Socket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            lock (_lock)
            {
                if (_isCut)
                {
                    return;
                }

                _sockets.Add(client);
                _sockets.Add(server);
            }

            await server.ConnectAsync(IPAddress.Loopback, _target, _stopped.Token);
            await Task.WhenAny(PumpAsync(client, server, () => _isAsking), PumpAsync(server, client, () => _isAnswering));
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // The client notices.
        }
        finally
        {
            client.Dispose();
            server.Dispose();
        }
    }

    private async Task PumpAsync(Socket from, Socket to, Func<bool> isOpen)
    {
        var buffer = new byte[64 * 1024];
        try
        {
            while (await from.ReceiveAsync(buffer, _stopped.Token) is > 0 and var count)
            {
                while (true)
                {
                    Task resumed;
                    lock (_lock)
                    {
                        if (isOpen())
                        {
                            break;
                        }

                        _swallowed.TrySetResult();
                        resumed = _resumed.Task;
                    }

                    await resumed.WaitAsync(_stopped.Token);
                }

                await to.SendAsync(buffer.AsMemory(0, count), _stopped.Token);
            }
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // The other half ends as well.
        }
    }
}
