namespace Orleans;

/// <summary>Something that starts and stops in numbered stages.</summary>
public interface ILifecycleObservable
{
    /// <summary>Has <paramref name="observer"/> started and stopped at a stage. Stages start in ascending and stop in descending order; within one stage all run together.</summary>
    IDisposable Subscribe(string observerName, int stage, ILifecycleObserver observer);
}

/// <summary>Takes part in a lifecycle.</summary>
public interface ILifecycleObserver
{
    /// <summary>The stage starts; an error stops the start.</summary>
    Task OnStart(CancellationToken cancellationToken = default);

    /// <summary>The stage stops; an error is logged, and stopping goes on.</summary>
    Task OnStop(CancellationToken cancellationToken = default);
}

/// <summary>Subscribes to a lifecycle when it is set up; register it as a service.</summary>
/// <typeparam name="TLifecycleObservable">The lifecycle.</typeparam>
public interface ILifecycleParticipant<TLifecycleObservable>
    where TLifecycleObservable : ILifecycleObservable
{
    /// <summary>Subscribes.</summary>
    void Participate(TLifecycleObservable lifecycle);
}
