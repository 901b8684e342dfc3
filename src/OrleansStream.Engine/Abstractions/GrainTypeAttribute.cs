using Orleans.Runtime;

namespace Orleans;

/// <summary>Gives a grain class its type name, which is otherwise made from the class's name.</summary>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = false)]
public sealed class GrainTypeAttribute(string grainType) : Attribute
{
    private readonly GrainType _grainType = GrainType.Create(grainType);

    /// <summary>The type name.</summary>
    public GrainType GetGrainType(IServiceProvider services, Type type) => _grainType;
}
