using Microsoft.Extensions.Logging;
using Orleans;
using OrleansStream.Abstractions;

namespace OrleansStream.Client;

/// <summary>What producers, consumers and the admin client of one connection share.</summary>
internal sealed partial class ClientContext : IAsyncDisposable
{
    private static readonly TimeSpan FirstBackoff = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LargestBackoff = TimeSpan.FromSeconds(1);

    private readonly IClusterConnection _connection;
    private readonly CancellationTokenSource _stopping = new();
    private IGrainFactory? _grainFactory;

    public ClientContext(
        IClusterConnection connection,
        OrleansStreamClientOptions options,
        ILoggerFactory loggerFactory,
        TimeProvider time)
    {
        _connection = connection;
        Options = options;
        LoggerFactory = loggerFactory;
        Time = time;
        Metadata = new MetadataCache(this);
    }

    public OrleansStreamClientOptions Options { get; }

    public ILoggerFactory LoggerFactory { get; }

    public TimeProvider Time { get; }

    public MetadataCache Metadata { get; }

    /// <summary>Cancelled when the client is disposed.</summary>
    public CancellationToken Stopping => _stopping.Token;

    public IReadOnlyList<string> Bootstrap => _connection.Bootstrap;

    /// <summary>The grain factory once there was a connection, else null.</summary>
    public IGrainFactory? GrainFactory => Volatile.Read(ref _grainFactory);

    public async ValueTask<IGrainFactory> GetGrainFactoryAsync(CancellationToken cancellationToken)
    {
        if (GrainFactory is { } known)
        {
            return known;
        }

        ObjectDisposedException.ThrowIf(_stopping.IsCancellationRequested, typeof(IOrleansStreamClient));
        var factory = await _connection.GetGrainFactoryAsync(cancellationToken).ConfigureAwait(false);
        Volatile.Write(ref _grainFactory, factory);
        return factory;
    }

    /// <summary>The shortest way to a broker: a connection to itself if there is one, else the one to the cluster.</summary>
    public async ValueTask<IGrainFactory> GetGrainFactoryAsync(int brokerId, CancellationToken cancellationToken)
        => (_connection.Direct is { } direct ? await direct.TryGetAsync(brokerId, cancellationToken).ConfigureAwait(false) : null)
            ?? await GetGrainFactoryAsync(cancellationToken).ConfigureAwait(false);

    /// <summary>Grows when a shorter way to some broker may have come up.</summary>
    public int WaysVersion => _connection.Direct?.Version ?? 0;

    /// <summary>A call to a broker has failed: if the connection broke, another way is taken until it works again.</summary>
    public void Failed(int brokerId, Exception failure)
    {
        if (CallFailures.ToErrorCode(failure) == ErrorCode.NetworkException)
        {
            _connection.Direct?.Failed(brokerId);
        }
    }

    /// <summary>Calls the cluster grain, within the client's request time-out.</summary>
    /// <param name="call">The call.</param>
    /// <param name="isRepeatable">Whether the call may be made again when no answer came.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="OrleansStreamException">There was no answer.</exception>
    public async Task<T> CallClusterAsync<T>(
        Func<IClusterGrain, CancellationToken, Task<T>> call,
        bool isRepeatable,
        CancellationToken cancellationToken)
        => await CallAsync(factory => factory.GetGrain<IClusterGrain>(0), call, isRepeatable, cancellationToken).ConfigureAwait(false);

    /// <summary>Calls a grain, within the client's request time-out.</summary>
    /// <inheritdoc cref="CallClusterAsync"/>
    public async Task<TResult> CallAsync<TGrain, TResult>(
        Func<IGrainFactory, TGrain> grain,
        Func<TGrain, CancellationToken, Task<TResult>> call,
        bool isRepeatable,
        CancellationToken cancellationToken)
    {
        var started = Time.GetTimestamp();
        var backoff = new RetryBackoff(FirstBackoff, LargestBackoff);
        while (true)
        {
            var factory = await GetGrainFactoryAsync(cancellationToken).ConfigureAwait(false);
            var remaining = Options.RequestTimeout - Time.GetElapsedTime(started);
            Exception failure;
            try
            {
                if (remaining <= TimeSpan.Zero)
                {
                    throw new TimeoutException($"No answer came within {Options.RequestTimeout}.");
                }

                return await call(grain(factory), cancellationToken).WaitAsync(remaining, Time, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
            {
                failure = exception;
            }

            var error = CallFailures.ToErrorCode(failure);
            var pause = backoff.Next();
            if (!isRepeatable || !error.MayRetry() || Time.GetElapsedTime(started) + pause >= Options.RequestTimeout)
            {
                throw failure as OrleansStreamException ?? new OrleansStreamException(error, Explain(error, failure), failure);
            }

            await Task.Delay(pause, Time, cancellationToken).ConfigureAwait(false);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _connection.DisposeAsync().ConfigureAwait(false);
    }

    private string Explain(ErrorCode error, Exception failure)
    {
        var where = Bootstrap.Count == 0 ? "The cluster" : $"The cluster at {string.Join(", ", Bootstrap)}";
        return error == ErrorCode.UnknownServerError
            ? $"{where} failed: {failure.Message}"
            : $"{where} did not answer ({failure.Message}). Is the broker running?";
    }
}
