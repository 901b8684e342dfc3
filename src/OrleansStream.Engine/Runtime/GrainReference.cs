using OrleansStream.Engine.CodeGeneration;

namespace Orleans.Runtime;

/// <summary>A grain's address with the interface's methods on it; generated classes derive from it.</summary>
public class GrainReference : IAddressable, IEquatable<GrainReference>
{
    internal GrainReference(GrainReferenceContext context)
    {
        Context = context;
    }

    /// <summary>The grain's id.</summary>
    public GrainId GrainId => Context.GrainId;

    /// <summary>The interface that this reference implements.</summary>
    public GrainInterfaceType InterfaceType => GrainInterfaceType.Create(Context.Interface.InterfaceName);

    internal GrainReferenceContext Context { get; }

    /// <inheritdoc/>
    public bool Equals(GrainReference? other) => other is not null && GrainId.Equals(other.GrainId);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as GrainReference);

    /// <inheritdoc/>
    public override int GetHashCode() => GrainId.GetHashCode();

    /// <summary>The grain's id in words.</summary>
    public sealed override string ToString() => $"GrainReference:{GrainId}:{Context.Interface.InterfaceName}";

    /// <summary>Compares the ids.</summary>
    public static bool operator ==(GrainReference? reference1, GrainReference? reference2)
        => reference1 is null ? reference2 is null : reference1.Equals(reference2);

    /// <summary>Compares the ids.</summary>
    public static bool operator !=(GrainReference? reference1, GrainReference? reference2) => !(reference1 == reference2);

    internal GrainReference WithInterface(Type interfaceType)
        => interfaceType == Context.Interface.InterfaceType ? this : GrainReferenceContext.CreateReference(Context.Runtime, GrainId, interfaceType);
}
