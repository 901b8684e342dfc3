using System.Collections.Concurrent;
using OrleansStream.Abstractions;
using OrleansStream.Protocol.Records;

namespace OrleansStream.Client;

/// <summary>What the partitions of one producer share; knows bytes only. Safe for concurrent use.</summary>
internal sealed class ProducerCore : IAsyncDisposable
{
    // A topic that was created a moment ago through another broker may not be known here yet.
    private static readonly TimeSpan UnknownTopicPatience = TimeSpan.FromSeconds(2);

    private readonly ConcurrentDictionary<string, ProducerTopic> _topics = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _stopping = new();
    private readonly Lock _gate = new();
    private Task<ProducerSequence>? _producerId;
    private ProduceException? _firstUntrackedFailure;
    private long _untrackedFailures;
    private int _isDisposed;
    private ITimer? _metadataTimer;

    public ProducerCore(ClientContext context, ProducerOptions options)
    {
        Context = context;
        Options = options;
        UsesIdempotence = ProducerOptionsValidator.UsesIdempotence(options);
        Budget = new BufferBudget(options.MaxBufferBytes);
        Log = new ProducerLog(context.LoggerFactory);
        Metrics = new ProducerMetrics(this);
        context.Metadata.Refreshed += Update;
        var interval = context.Options.MetadataMaxAge / 2;
        _metadataTimer = context.Time.CreateTimer(static state => ((ProducerCore)state!).RefreshOldMetadata(), this, interval, interval);
    }

    public ClientContext Context { get; }

    public ProducerOptions Options { get; }

    public BufferBudget Budget { get; }

    public bool UsesIdempotence { get; }

    public ProducerLog Log { get; }

    public ProducerMetrics Metrics { get; }

    public TimeProvider Time => Context.Time;

    /// <summary>Cancelled when nothing is sent any more.</summary>
    public CancellationToken Stopping => _stopping.Token;

    public bool IsStopped => _stopping.IsCancellationRequested;

    /// <summary>Whether the producer takes no more records.</summary>
    public bool IsDisposed => Volatile.Read(ref _isDisposed) != 0;

    public IEnumerable<ProducerTopic> Topics => _topics.Values;

    public ProducerTopic? TryGetTopic(string topic) => _topics.GetValueOrDefault(topic);

    /// <summary>The topic, waiting up to <see cref="ProducerOptions.MaxBlock"/> for it.</summary>
    /// <exception cref="ProduceException">There is no such topic, or no broker answers.</exception>
    public async ValueTask<ProducerTopic> GetTopicAsync(string topic, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(topic);
        if (TryGetTopic(topic) is { } known)
        {
            return known;
        }

        var started = Time.GetTimestamp();
        var backoff = new RetryBackoff(Options.RetryBackoff, Options.RetryBackoffMax);
        while (true)
        {
            ObjectDisposedException.ThrowIf(IsDisposed, typeof(IProducer<,>));
            ProduceException failure;
            try
            {
                var entry = await Context.Metadata.GetAsync(topic, Options.AllowAutoTopicCreation, cancellationToken).ConfigureAwait(false);
                if (entry.Topic.Error == ErrorCode.None && entry.PartitionCount > 0)
                {
                    return _topics.GetOrAdd(topic, static (_, state) => new ProducerTopic(state.Core, state.Entry), (Core: this, Entry: entry));
                }

                failure = TopicError(topic, entry.Topic.Error == ErrorCode.None ? ErrorCode.LeaderNotAvailable : entry.Topic.Error);
            }
            catch (OrleansStreamException exception)
            {
                failure = new ProduceException(exception.Error, new TopicPartition(topic, -1), exception.Message, false, exception);
            }

            var patience = failure.Error == ErrorCode.UnknownTopicOrPartition ? UnknownTopicPatience : Options.MaxBlock;
            var pause = backoff.Next();
            if (!failure.IsRetriable || Time.GetElapsedTime(started) + pause >= (patience < Options.MaxBlock ? patience : Options.MaxBlock))
            {
                throw failure;
            }

            await Task.Delay(pause, Time, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>The producer id that all partitions start with.</summary>
    public Task<ProducerSequence> GetProducerIdAsync(CancellationToken cancellationToken)
    {
        Task<ProducerSequence> task;
        lock (_gate)
        {
            if (_producerId is null or { IsCompleted: true, IsCompletedSuccessfully: false })
            {
                _producerId = InitProducerIdAsync(Stopping);
            }

            task = _producerId;
        }

        return task.WaitAsync(cancellationToken);
    }

    /// <summary>A producer id of its own.</summary>
    public async Task<ProducerSequence> InitProducerIdAsync(CancellationToken cancellationToken)
    {
        var request = new InitProducerIdRequest(null, 0, -1, -1);
        var response = await Context.CallClusterAsync(
            (grain, token) => grain.InitProducerIdAsync(request, token),
            isRepeatable: false,
            cancellationToken).ConfigureAwait(false);
        if (response.Error != ErrorCode.None)
        {
            throw new OrleansStreamException(response.Error, $"No producer id was given: {response.ErrorMessage ?? response.Error.WireName()}");
        }

        Log.ProducerIdTaken(response.ProducerId, response.ProducerEpoch);
        return new ProducerSequence(response.ProducerId, response.ProducerEpoch, 0);
    }

    /// <summary>How long the next attempt of a batch may take.</summary>
    public TimeSpan AttemptTimeout(ProducerBatch batch)
    {
        var remaining = Options.DeliveryTimeout - Time.GetElapsedTime(batch.CreatedAt);
        var timeout = remaining < Options.RequestTimeout ? remaining : Options.RequestTimeout;
        return timeout > TimeSpan.FromMilliseconds(1) ? timeout : TimeSpan.FromMilliseconds(1);
    }

    /// <summary>Tells the outcome of a batch to whom it concerns and gives its memory back.</summary>
    public void Report(ProducerBatch batch, in DeliveryOutcome outcome)
    {
        var count = batch.RecordCount;
        var tracker = batch.Tracker;
        Metrics.Settled(outcome, count, batch.SizeInBytes);
        batch.Release();
        Budget.Release(batch.ReservedBytes);
        tracker?.Complete(batch.FirstIndex, count, outcome, Log.HandlerFailed);
        if (outcome.Error is { } error)
        {
            Log.Failed(outcome.TopicPartition, count, error.Message);
            var untracked = count - (tracker?.CountIn(batch.FirstIndex, count) ?? 0);
            if (untracked > 0)
            {
                ReportUntracked(outcome.TopicPartition, error, untracked);
            }
        }

        if (!batch.IsPart)
        {
            tracker?.Release();
        }
    }

    /// <summary>Takes note of records that failed and that nobody waits for.</summary>
    public void ReportUntracked(TopicPartition topicPartition, ProduceException error, int count = 1)
    {
        lock (_gate)
        {
            _untrackedFailures += count;
            _firstUntrackedFailure ??= error;
        }

        if (Options.OnDeliveryFailed is not { } handler)
        {
            return;
        }

        var report = new DeliveryReport(new DeliveryResult(topicPartition, -1, -1), null, error);
        for (var i = 0; i < count; i++)
        {
            try
            {
                handler(report);
            }
#pragma warning disable CA1031 // The handler is the application's; its failure is logged and must not hold up other records.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                Log.HandlerFailed(exception);
            }
        }
    }

    /// <summary>Sends everything that is buffered now and waits until it is settled.</summary>
    /// <exception cref="FlushException">Records that nobody waited for failed since the last flush.</exception>
    public async ValueTask FlushAsync(CancellationToken cancellationToken)
    {
        await FlushPartitionsAsync().WaitAsync(cancellationToken).ConfigureAwait(false);
        if (TakeUntrackedFailures() is { } failures)
        {
            throw failures;
        }
    }

    /// <summary>Wakes batches that linger, because somebody waits for their memory.</summary>
    public void DrainAll()
    {
        foreach (var topic in _topics.Values)
        {
            foreach (var partition in topic.Partitions)
            {
                partition.ScheduleDrain();
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0)
        {
            return;
        }

        foreach (var partition in _topics.Values.SelectMany(topic => topic.Partitions))
        {
            partition.Close();
        }

        var flush = FlushPartitionsAsync();
        try
        {
            await flush.WaitAsync(Options.DisposeTimeout, Time).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            Log.DisposedUnflushed(Options.DisposeTimeout);
        }

        await _stopping.CancelAsync().ConfigureAwait(false);
        foreach (var partition in _topics.Values.SelectMany(topic => topic.Partitions))
        {
            partition.Abandon();
        }

        Context.Metadata.Refreshed -= Update;
        _metadataTimer?.Dispose();
        _metadataTimer = null;
        Metrics.Dispose();
        if (TakeUntrackedFailures() is { } failures)
        {
            Log.Lost(failures.FailedCount, failures.FirstFailure.Message);
        }
    }

    private static ProduceException TopicError(string topic, ErrorCode error)
        => new(error, new TopicPartition(topic, -1), error switch
        {
            ErrorCode.UnknownTopicOrPartition => $"There is no topic '{topic}'. Create it first: the brokers do not create topics by themselves (auto.create.topics.enable), or this producer does not ask for it (AllowAutoTopicCreation).",
            ErrorCode.InvalidTopicException => $"'{topic}' is not a topic name: 1 to 249 of a-z, A-Z, 0-9, '.', '_' and '-' are possible, but not '.' or '..'.",
            ErrorCode.LeaderNotAvailable => $"Topic '{topic}' is not ready yet: it has no leader.",
            _ => $"Topic '{topic}' cannot be produced to: {error.WireName()}.",
        });

    private Task FlushPartitionsAsync()
        => Task.WhenAll(_topics.Values.SelectMany(topic => topic.Partitions).Select(partition => partition.FlushAsync()));

    private FlushException? TakeUntrackedFailures()
    {
        lock (_gate)
        {
            var result = _firstUntrackedFailure is { } first ? new FlushException(_untrackedFailures, first) : null;
            _firstUntrackedFailure = null;
            _untrackedFailures = 0;
            return result;
        }
    }

    private void Update(TopicEntry entry) => TryGetTopic(entry.Topic.Name)?.Update(entry);

    private void RefreshOldMetadata()
    {
        foreach (var topic in _topics.Keys)
        {
            if (Context.Metadata.TryGet(topic) is { } entry && Context.Metadata.IsOld(entry))
            {
                _ = RefreshAsync(topic, entry.Version);
            }
        }
    }

    private async Task RefreshAsync(string topic, long version)
    {
        try
        {
            await Context.Metadata.RefreshAsync(topic, version, false, Stopping).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is OrleansStreamException or OperationCanceledException or ObjectDisposedException)
        {
            Log.CannotRefresh(topic, exception.Message);
        }
    }
}
