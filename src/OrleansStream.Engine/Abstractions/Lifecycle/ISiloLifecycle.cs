namespace Orleans.Runtime;

/// <summary>A silo's lifecycle.</summary>
public interface ISiloLifecycle : ILifecycleObservable
{
    /// <summary>The highest stage that has started.</summary>
    int HighestCompletedStage { get; }

    /// <summary>The lowest stage that has stopped.</summary>
    int LowestStoppedStage { get; }
}

/// <summary>A silo's lifecycle as its owner sees it.</summary>
internal interface ISiloLifecycleSubject : ISiloLifecycle, ILifecycleObserver
{
}
