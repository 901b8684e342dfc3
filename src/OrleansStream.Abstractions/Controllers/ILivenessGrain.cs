using Orleans;

namespace OrleansStream.Abstractions;

/// <summary>A broker's signs of life. Its key is the broker id and the placement director puts it on that broker's silo.</summary>
[Alias("OrleansStream.ILivenessGrain")]
public interface ILivenessGrain : IGrainWithIntegerKey
{
    /// <summary>A sign of life.</summary>
    /// <returns>The broker epoch of the registration in which the broker lives; -1 while it is not registered.</returns>
    [Alias("Ping")]
    Task<long> PingAsync(CancellationToken cancellationToken);

    /// <summary>Whether this broker reaches another one, found out now.</summary>
    /// <param name="brokerId">The other broker.</param>
    /// <param name="brokerEpoch">The registration that is meant: a later one of the same broker counts, an earlier one does not.</param>
    /// <param name="cancellationToken">Ends the try.</param>
    [Alias("Reaches")]
    Task<bool> ReachesAsync(int brokerId, long brokerEpoch, CancellationToken cancellationToken);
}
