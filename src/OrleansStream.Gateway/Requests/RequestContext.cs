using System.Net;
using OrleansStream.Protocol.Kafka;

namespace OrleansStream.Gateway.Requests;

/// <summary>What a handler knows of a request besides its content.</summary>
/// <param name="Api">The API.</param>
/// <param name="Version">The version of request and response.</param>
/// <param name="CorrelationId">The client's number for the request.</param>
/// <param name="ClientId">The client's name for itself, null if it has none.</param>
/// <param name="RequestBytes">The request's size.</param>
/// <param name="Client">What the gateway keeps for the connection.</param>
/// <param name="Aborted">Cancelled when the connection has gone.</param>
/// <param name="LastRequest">Cancelled when no further request will be read: long polls are answered with what is there.</param>
internal sealed record RequestContext(
    ApiDescriptor Api,
    short Version,
    int CorrelationId,
    string? ClientId,
    int RequestBytes,
    ClientState Client,
    CancellationToken Aborted,
    CancellationToken LastRequest);

/// <summary>What the gateway keeps for one connection.</summary>
/// <param name="Id">The connection's number, for logs.</param>
/// <param name="RemoteEndPoint">The client's address.</param>
internal sealed record ClientState(long Id, EndPoint? RemoteEndPoint)
{
    private long _mutedUntil = long.MinValue;

    /// <summary>The client library's name, as it said in ApiVersions (KIP-511).</summary>
    public string SoftwareName { get; set; } = "unknown";

    /// <summary>The client library's version.</summary>
    public string SoftwareVersion { get; set; } = "unknown";

    /// <summary>Nothing is read from the connection for a time; a longer time that it is muted for already stays.</summary>
    public void Mute(TimeSpan duration, TimeProvider time)
    {
        var until = time.GetTimestamp() + (long)(duration.TotalSeconds * time.TimestampFrequency);
        if (until > Volatile.Read(ref _mutedUntil))
        {
            Volatile.Write(ref _mutedUntil, until);
        }
    }

    /// <summary>How long the connection has not been muted for; below zero while it is muted.</summary>
    public TimeSpan SinceMuted(TimeProvider time)
        => Volatile.Read(ref _mutedUntil) is var until && until == long.MinValue ? TimeSpan.MaxValue : time.GetElapsedTime(until);

    /// <inheritdoc/>
    public override string ToString() => $"connection {Id} from {RemoteEndPoint}";
}
