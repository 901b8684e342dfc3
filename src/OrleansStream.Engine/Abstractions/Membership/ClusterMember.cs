namespace Orleans.Runtime;

/// <summary>A silo in the membership.</summary>
[Immutable]
public sealed class ClusterMember : IEquatable<ClusterMember>
{
    /// <summary>Joins the parts.</summary>
    public ClusterMember(SiloAddress siloAddress, SiloStatus status, string name)
    {
        ArgumentNullException.ThrowIfNull(siloAddress);
        SiloAddress = siloAddress;
        Status = status;
        Name = name;
    }

    /// <summary>The silo's name.</summary>
    public string Name { get; }

    /// <summary>The silo's address.</summary>
    public SiloAddress SiloAddress { get; }

    /// <summary>The silo's status.</summary>
    public SiloStatus Status { get; }

    /// <inheritdoc/>
    public bool Equals(ClusterMember? other)
        => other is not null && SiloAddress.Equals(other.SiloAddress) && Status == other.Status && string.Equals(Name, other.Name, StringComparison.Ordinal);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as ClusterMember);

    /// <inheritdoc/>
    public override int GetHashCode() => SiloAddress.GetHashCode();

    /// <inheritdoc/>
    public override string ToString() => $"{SiloAddress}/{Name}/{Status}";
}
