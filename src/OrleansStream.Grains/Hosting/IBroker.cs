namespace OrleansStream.Grains.Hosting;

/// <summary>The broker in this process, for its host.</summary>
public interface IBroker
{
    /// <summary>The broker id.</summary>
    int BrokerId { get; }

    /// <summary>The data directory's full path.</summary>
    string DataDirectory { get; }

    /// <summary>
    /// Completes when the broker's replicas are open and clients can be answered; faults with <see cref="BrokerStartException"/> when
    /// the start failed; is cancelled when the broker stops before.
    /// </summary>
    Task WhenServing { get; }

    /// <summary>
    /// Takes hold of the data directory and opens the metadata store, which the start does otherwise: lets a host find out what
    /// stands in the way before anything runs.
    /// </summary>
    /// <exception cref="BrokerStartException">The directory or the store cannot be used, or they belong to different clusters.</exception>
    Task PrepareAsync(CancellationToken cancellationToken);

    /// <summary>Why the broker stopped by itself; null if it runs or was told to stop.</summary>
    Exception? Failure { get; }
}
