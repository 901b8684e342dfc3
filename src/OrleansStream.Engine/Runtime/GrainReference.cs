using OrleansStream.Engine.CodeGeneration;

namespace Orleans.Runtime;

/// <summary>A grain's address with the interface's methods on it; generated classes derive from it.</summary>
public class GrainReference : IAddressable
{
    internal GrainReference(GrainReferenceContext context)
    {
        Context = context;
    }

    internal GrainReferenceContext Context { get; }
}
