using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Runtime;

namespace OrleansStream.Engine.Hosting;

/// <summary>The stages of a silo: up in ascending order, down in descending order, all observers of one stage together.</summary>
internal sealed partial class SiloLifecycle(ILogger<SiloLifecycle> logger) : ISiloLifecycleSubject
{
    private readonly Lock _gate = new();
    private readonly List<Subscription> _subscriptions = [];

    public int HighestCompletedStage { get; private set; } = int.MinValue;

    public int LowestStoppedStage { get; private set; } = int.MaxValue;

    public IDisposable Subscribe(string observerName, int stage, ILifecycleObserver observer)
    {
        var subscription = new Subscription(this, observerName, stage, observer);
        lock (_gate)
        {
            _subscriptions.Add(subscription);
        }

        return subscription;
    }

    public async Task OnStart(CancellationToken cancellationToken = default)
    {
        foreach (var stage in Stages().Order())
        {
            cancellationToken.ThrowIfCancellationRequested();
            await Task.WhenAll(At(stage).Select(subscription => subscription.Observer.OnStart(cancellationToken))).ConfigureAwait(false);
            HighestCompletedStage = stage;
        }
    }

    /// <summary>Stops the stages that were started, the one whose start failed included.</summary>
    public async Task OnStop(CancellationToken cancellationToken = default)
    {
        var stages = Stages().Order().ToArray();
        var failed = Array.FindIndex(stages, stage => stage > HighestCompletedStage);
        var last = failed < 0 ? stages.Length - 1 : failed;
        for (var i = last; i >= 0; i--)
        {
            await Task.WhenAll(At(stages[i]).Select(subscription => StopAsync(subscription, cancellationToken))).ConfigureAwait(false);
            LowestStoppedStage = stages[i];
        }
    }

    private int[] Stages()
    {
        lock (_gate)
        {
            return [.. _subscriptions.Select(subscription => subscription.Stage).Distinct()];
        }
    }

    private Subscription[] At(int stage)
    {
        lock (_gate)
        {
            return [.. _subscriptions.Where(subscription => subscription.Stage == stage)];
        }
    }

    private async Task StopAsync(Subscription subscription, CancellationToken cancellationToken)
    {
        try
        {
            await subscription.Observer.OnStop(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            LogStopFailed(logger, exception, subscription.Name, subscription.Stage);
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "{Observer} failed to stop in stage {Stage}; the silo goes on stopping.")]
    private static partial void LogStopFailed(ILogger logger, Exception exception, string observer, int stage);

    private sealed class Subscription(SiloLifecycle lifecycle, string name, int stage, ILifecycleObserver observer) : IDisposable
    {
        public string Name => name;

        public int Stage => stage;

        public ILifecycleObserver Observer => observer;

        public void Dispose()
        {
            lock (lifecycle._gate)
            {
                lifecycle._subscriptions.Remove(this);
            }
        }
    }
}
