using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans;
using Orleans.Configuration;
using Orleans.Runtime;
using OrleansStream.Engine.Calls;

namespace OrleansStream.Engine.Activations;

/// <summary>The activations of a silo.</summary>
internal sealed class Catalog : IAsyncDisposable
{
    private static readonly TimeSpan LongestHeartbeat = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan DrainPollInterval = TimeSpan.FromMilliseconds(5);
    private readonly ConcurrentDictionary<GrainId, ActivationData> _activations = new();
    private readonly ConcurrentDictionary<GrainId, StatelessWorkers> _workers = new();
    private readonly GrainClassMap _classes;
    private ITimer? _collector;

    public Catalog(
        IServiceProvider services,
        GrainClassMap classes,
        IEnumerable<IIncomingGrainCallFilter> incomingFilters,
        IOptions<GrainCollectionOptions> collection,
        IOptions<SiloMessagingOptions> messaging,
        TimeProvider timeProvider,
        ILogger<Catalog> logger)
    {
        _classes = classes;
        Services = services;
        IncomingFilters = [.. incomingFilters];
        Collection = collection.Value;
        TimeProvider = timeProvider;
        Logger = logger;
        StreamHeartbeat = TimeSpan.FromTicks(Math.Min(LongestHeartbeat.Ticks, messaging.Value.ResponseTimeout.Ticks / 2));
        StreamIdleTimeout = messaging.Value.ResponseTimeout * 4;
        MaxEnqueuedRequests = messaging.Value.MaxEnqueuedRequestsHardLimit is > 0 and var limit ? limit : int.MaxValue;
    }

    public IServiceProvider Services { get; }

    public IIncomingGrainCallFilter[] IncomingFilters { get; }

    public GrainCollectionOptions Collection { get; }

    public TimeProvider TimeProvider { get; }

    public ILogger Logger { get; }

    public int MaxEnqueuedRequests { get; }

    /// <summary>After how long a caller that waits for a stream's next item hears that there is none yet.</summary>
    public TimeSpan StreamHeartbeat { get; }

    /// <summary>After how long without a question a stream is ended.</summary>
    public TimeSpan StreamIdleTimeout { get; }

    /// <summary>Sends the calls of grains; set once, before the first activation.</summary>
    public SiloCallRuntime Runtime { get; set; } = null!;

    /// <summary>All activations there are.</summary>
    public IEnumerable<ActivationData> All
        => _activations.Select(pair => pair.Value).Concat(_workers.SelectMany(pair => pair.Value.All));

    /// <summary>Whether the silo was ended at once: no call or tick starts any more.</summary>
    public bool IsAbandoned { get; private set; }

    public void Abandon() => IsAbandoned = true;

    public void StartCollecting()
        => _collector = TimeProvider.CreateTimer(static state => ((Catalog)state!).Collect(), this, Collection.CollectionQuantum, Collection.CollectionQuantum);

    public ActivationData? Find(GrainId grainId) => _activations.GetValueOrDefault(grainId);

    /// <summary>Gives a request to the grain's activation here, which is made when there is none.</summary>
    public void Dispatch(GrainRequest request, GrainClass grainClass)
    {
        if (grainClass.IsStatelessWorker)
        {
            _workers.GetOrAdd(request.Target, static (_, state) => new StatelessWorkers(state.Item1, state.grainClass), (this, grainClass)).Dispatch(request);
            return;
        }

        if (!_activations.TryGetValue(request.Target, out var activation))
        {
            activation = _activations.GetOrAdd(request.Target, static (id, state) => new ActivationData(state.Item1, state.grainClass, id), (this, grainClass));
        }

        activation.Receive(request);
    }

    /// <summary>Gives a request that waited for a dead activation to the runtime again.</summary>
    public void Reroute(GrainRequest request) => Runtime.Route(request);

    public void Remove(ActivationData activation)
    {
        if (activation.Class.IsStatelessWorker)
        {
            if (_workers.TryGetValue(activation.GrainId, out var workers))
            {
                workers.Remove(activation);
            }
        }
        else
        {
            _activations.TryRemove(new KeyValuePair<GrainId, ActivationData>(activation.GrainId, activation));
        }
    }

    /// <summary>Deactivates the chosen activations and waits for it.</summary>
    public Task DeactivateAsync(Func<ActivationData, bool> predicate, DeactivationReason reason, CancellationToken cancellationToken)
    {
        ActivationData[] chosen = [.. All.Where(predicate)];
        foreach (var activation in chosen)
        {
            activation.Deactivate(reason, cancellationToken);
        }

        return Task.WhenAll(chosen.Select(activation => activation.Deactivated)).WaitAsync(cancellationToken);
    }

    /// <summary>Waits until no call runs or waits; after <paramref name="grace"/> the running ones are cancelled, which long polls wait for.</summary>
    public async Task DrainAsync(TimeSpan grace, CancellationToken cancellationToken)
    {
        var start = TimeProvider.GetTimestamp();
        var wasCancelled = false;
        while (All.Any(activation => activation.EnqueuedCount > 0))
        {
            if (!wasCancelled && TimeProvider.GetElapsedTime(start) >= grace)
            {
                wasCancelled = true;
                foreach (var activation in All)
                {
                    activation.CancelRunning();
                }
            }

            await Task.Delay(DrainPollInterval, TimeProvider, cancellationToken).ConfigureAwait(false);
        }
    }

    public GrainClass ClassOf(GrainId grainId)
        => _classes.Find(grainId.Type)
            ?? throw new ArgumentException($"No grain class has the type name '{grainId.Type}' (grain {grainId}).", nameof(grainId));

    public async ValueTask DisposeAsync()
    {
        if (_collector is not null)
        {
            await _collector.DisposeAsync().ConfigureAwait(false);
        }
    }

    private void Collect()
    {
        var now = TimeProvider.GetUtcNow();
        foreach (var activation in All)
        {
            activation.CollectIfIdle(now);
        }
    }
}
