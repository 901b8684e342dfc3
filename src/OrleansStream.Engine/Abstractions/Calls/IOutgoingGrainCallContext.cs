using Orleans.Runtime;

namespace Orleans;

/// <summary>A call at the caller.</summary>
public interface IOutgoingGrainCallContext : IGrainCallContext
{
    /// <summary>The activation that calls, null when the call comes from elsewhere.</summary>
    IGrainContext? SourceContext { get; }
}
