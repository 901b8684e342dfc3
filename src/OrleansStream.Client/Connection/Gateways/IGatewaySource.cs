using Orleans.Hosting;

namespace OrleansStream.Client;

/// <summary>Where a client learns of its cluster's gateways.</summary>
internal interface IGatewaySource
{
    /// <summary>What was given, for messages.</summary>
    IReadOnlyList<string> Addresses { get; }

    /// <summary>Sees whether somebody answers there at all, and says how an Orleans client is told of it.</summary>
    /// <exception cref="System.Net.Sockets.SocketException">Nobody does.</exception>
    /// <exception cref="TimeoutException">Nobody does.</exception>
    Task<Action<IClientBuilder>> FindAsync(CancellationToken cancellationToken);

    /// <summary>What to tell somebody whose client found no broker.</summary>
    string Advise(Exception failure);
}
