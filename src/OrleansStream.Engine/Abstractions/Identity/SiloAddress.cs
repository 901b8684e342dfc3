using System.Globalization;
using System.Net;
using OrleansStream.Engine.Identity;

namespace Orleans.Runtime;

/// <summary>Where a silo listens, and which incarnation of it: a restarted silo has the same endpoint and a later generation.</summary>
[Immutable]
public sealed class SiloAddress : IEquatable<SiloAddress>, IComparable<SiloAddress>
{
    private static readonly DateTime Epoch = new(2022, 1, 1, 0, 0, 0, DateTimeKind.Utc);
    private static int _lastGeneration;
    private readonly int _hashCode;

    private SiloAddress(IPEndPoint endpoint, int generation)
    {
        Endpoint = endpoint;
        Generation = generation;
        Span<byte> bytes = stackalloc byte[24];
        endpoint.Address.TryWriteBytes(bytes, out var length);
        BitConverter.TryWriteBytes(bytes[length..], (ushort)endpoint.Port);
        BitConverter.TryWriteBytes(bytes[(length + 2)..], generation);
        _hashCode = StableHashCode.Of(bytes[..(length + 6)]);
    }

    /// <summary>No silo.</summary>
    public static SiloAddress Zero { get; } = New(IPAddress.Any, 0, 0);

    /// <summary>The endpoint that other silos connect to.</summary>
    public IPEndPoint Endpoint { get; }

    /// <summary>The incarnation.</summary>
    public int Generation { get; }

    /// <summary>An address from its parts.</summary>
    public static SiloAddress New(IPEndPoint ep, int gen) => new(ep, gen);

    /// <summary>An address from its parts.</summary>
    public static SiloAddress New(IPAddress address, int port, int generation) => new(new IPEndPoint(address, port), generation);

    /// <summary>A generation that is later than every one before it on this machine: seconds since 2022.</summary>
    public static int AllocateNewGeneration()
    {
        while (true)
        {
            var last = Volatile.Read(ref _lastGeneration);
            var next = Math.Max(last + 1, (int)((TimeProvider.System.GetUtcNow().UtcDateTime - Epoch).Ticks / TimeSpan.TicksPerSecond));
            if (Interlocked.CompareExchange(ref _lastGeneration, next, last) == last)
            {
                return next;
            }
        }
    }

    /// <summary>Reads what <see cref="ToParsableString"/> wrote: <c>address:port@generation</c>.</summary>
    /// <exception cref="FormatException">The text has another form.</exception>
    public static SiloAddress FromParsableString(string addr)
    {
        ArgumentNullException.ThrowIfNull(addr);
        var at = addr.LastIndexOf('@');
        if (at > 0
            && IPEndPoint.TryParse(addr.AsSpan(0, at), out var endpoint)
            && int.TryParse(addr.AsSpan(at + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var generation))
        {
            return new SiloAddress(endpoint, generation);
        }

        throw new FormatException($"'{addr}' is not a silo address; expected address:port@generation.");
    }

    /// <summary>The text <c>address:port@generation</c>.</summary>
    public string ToParsableString() => string.Create(CultureInfo.InvariantCulture, $"{Endpoint}@{Generation}");

    /// <summary>Whether the other is a later incarnation at the same endpoint.</summary>
    public bool IsPredecessorOf(SiloAddress other) => Generation < other.Generation && Endpoint.Equals(other.Endpoint);

    /// <inheritdoc/>
    public int CompareTo(SiloAddress? other)
    {
        if (other is null)
        {
            return 1;
        }

        Span<byte> mine = stackalloc byte[16];
        Span<byte> theirs = stackalloc byte[16];
        Endpoint.Address.TryWriteBytes(mine, out var myLength);
        other.Endpoint.Address.TryWriteBytes(theirs, out var theirLength);
        var order = ((ReadOnlySpan<byte>)mine[..myLength]).SequenceCompareTo(theirs[..theirLength]);
        order = order != 0 ? order : Endpoint.Port.CompareTo(other.Endpoint.Port);
        return order != 0 ? order : Generation.CompareTo(other.Generation);
    }

    /// <inheritdoc/>
    public bool Equals(SiloAddress? other)
        => ReferenceEquals(this, other)
            || (other is not null && _hashCode == other._hashCode && Generation == other.Generation && Endpoint.Equals(other.Endpoint));

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as SiloAddress);

    /// <inheritdoc/>
    public override int GetHashCode() => _hashCode;

    /// <summary>The text <c>Saddress:port:generation</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"S{Endpoint}:{Generation}");
}
