using Microsoft.Extensions.Logging;
using OrleansStream.Engine.Activations;
using OrleansStream.Engine.CodeGeneration;

namespace OrleansStream.Engine.Streams;

/// <summary>One enumeration of a stream at its grain. All in the activation's turns.</summary>
internal abstract class StreamSession
{
    /// <summary>The next items: up to the batch size, as many as are there without waiting, but at least one or a heartbeat.</summary>
    public abstract Task<(bool HasEnded, InvocationResult Result)> NextAsync(int batchSize, CancellationToken cancellationToken);

    public abstract bool IsIdleFor(TimeSpan limit);

    /// <summary>Ends the enumeration; waits for the grain's iterator to end.</summary>
    public abstract Task DisposeAsync();
}

internal sealed partial class StreamSession<T>(ActivationData activation, IAsyncEnumerable<T> stream, IValueCodec<T> codec, CancellationTokenSource cancellation) : StreamSession
{
    private readonly IAsyncEnumerator<T> _enumerator = stream.GetAsyncEnumerator(cancellation.Token);
    private Task<bool>? _moving;
    private long _lastUse = activation.Catalog.TimeProvider.GetTimestamp();
    private Task? _disposing;
    private bool _isAsking;

    public override async Task<(bool HasEnded, InvocationResult Result)> NextAsync(int batchSize, CancellationToken cancellationToken)
    {
        if (_isAsking || _disposing is not null)
        {
            throw new InvalidOperationException("A stream is enumerated by one caller, one batch at a time.");
        }

        _isAsking = true;
        try
        {
            return await CollectAsync(Math.Max(1, batchSize), cancellationToken);
        }
        finally
        {
            _isAsking = false;
            _lastUse = activation.Catalog.TimeProvider.GetTimestamp();
        }
    }

    public override bool IsIdleFor(TimeSpan limit) => !_isAsking && activation.Catalog.TimeProvider.GetElapsedTime(_lastUse) >= limit;

    public override Task DisposeAsync() => _disposing ??= EndAsync();

    private async Task<(bool HasEnded, InvocationResult Result)> CollectAsync(int batchSize, CancellationToken cancellationToken)
    {
        var items = new List<T>();
        while (items.Count < batchSize)
        {
            _moving ??= _enumerator.MoveNextAsync().AsTask();
            if (!_moving.IsCompleted)
            {
                if (items.Count > 0)
                {
                    break;
                }

                // Before the caller's patience ends it hears that the stream lives.
                var heartbeat = Task.Delay(activation.Catalog.StreamHeartbeat, activation.Catalog.TimeProvider, cancellationToken);
                if (await Task.WhenAny(_moving, heartbeat) == heartbeat)
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    return (false, Batch(StreamStatus.Heartbeat, items));
                }
            }
            else if (items.Count > 0 && !_moving.IsCompletedSuccessfully)
            {
                // The items that came before an error are delivered before it.
                break;
            }

            if (!await _moving)
            {
                return (true, Batch(StreamStatus.Completed, items));
            }

            items.Add(_enumerator.Current);
            _moving = null;
        }

        return (false, Batch(StreamStatus.More, items));
    }

    private StreamBatchResult<T> Batch(StreamStatus status, List<T> items) => new(new StreamBatch<T>(status, items), codec);

    private async Task EndAsync()
    {
        try
        {
            await cancellation.CancelAsync();
            if (_moving is not null)
            {
                await _moving.ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Current);
            }

            await _enumerator.DisposeAsync();
        }
        catch (Exception exception)
        {
            LogDisposeFailed(activation.Catalog.Logger, exception, activation.ToString());
        }
        finally
        {
            cancellation.Dispose();
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Ending a stream of grain {Grain} failed.")]
    private static partial void LogDisposeFailed(ILogger logger, Exception exception, string grain);
}
