using System.ComponentModel;

namespace OrleansStream.Engine.CodeGeneration;

/// <summary>Marks an assembly that registers generated code, and names those that it refers to and that do so too.</summary>
/// <param name="references">The simple names of the assemblies.</param>
[AttributeUsage(AttributeTargets.Assembly)]
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class GeneratedPartsAttribute(params string[] references) : Attribute
{
    /// <summary>The simple names of the referenced assemblies with generated code.</summary>
    public IReadOnlyList<string> References { get; } = references;
}
