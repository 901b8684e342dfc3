using System.ComponentModel;

namespace OrleansStream.Engine.CodeGeneration;

/// <summary>What a reference knows: its grain's id and the runtime that sends its calls. Opaque to generated code.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class GrainReferenceContext
{
}
