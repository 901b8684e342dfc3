using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using OrleansStream.Gateway.Handlers;
using OrleansStream.Gateway.Requests;
using OrleansStream.Protocol.Kafka;

namespace OrleansStream.Gateway.Fuzz;

/// <summary>
/// Gives a request to the dispatcher: it is answered, with a response that can be written, or refused as malformed. It
/// takes memory in proportion to its size.
/// </summary>
internal sealed class DispatcherTarget : IDisposable
{
    private const long FixedAllocation = 256 * 1024;
    private const long AllocationPerByte = 1024;

    private readonly ServiceProvider _services;
    private readonly RequestDispatcher _dispatcher;
    private readonly ClientState _client = new(1, new IPEndPoint(IPAddress.Loopback, 1));

    public DispatcherTarget()
    {
        var services = new ServiceCollection();
        services.AddSingleton(typeof(Microsoft.Extensions.Logging.ILogger<>), typeof(NullLogger<>));
        services.AddSingleton(AnsweringGrains.Create());
        services.AddKafkaGateway(options => options.BrokerId = 1);
        _services = services.BuildServiceProvider();
        _dispatcher = _services.GetRequiredService<RequestDispatcher>();
    }

    /// <summary>The APIs that are served.</summary>
    public IEnumerable<ApiKey> Apis => _services.GetServices<ServedApi>().Select(api => api.Key);

    /// <summary>The requests that were answered.</summary>
    public long Answered { get; private set; }

    /// <exception cref="InvalidOperationException">The request took too much memory or was not answered at once.</exception>
    public void Run(byte[] request)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            var pending = _dispatcher.Dispatch(request, _client, CancellationToken.None, CancellationToken.None);
            if (!pending.Response.IsCompleted)
            {
                throw new InvalidOperationException($"A {pending.Api.Key} request waits for something.");
            }

            if (pending.Response.GetAwaiter().GetResult() is { } response)
            {
                using var writer = new KafkaWriter();
                pending.Write(writer, response);
            }

            Answered++;
        }
        catch (Exception exception) when (exception is KafkaProtocolException or UnansweredRequestException)
        {
            // The connection is closed.
        }

        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        if (allocated > FixedAllocation + (AllocationPerByte * request.Length))
        {
            throw new InvalidOperationException($"A request of {request.Length} bytes took {allocated} bytes.");
        }
    }

    public void Dispose() => _services.Dispose();
}
