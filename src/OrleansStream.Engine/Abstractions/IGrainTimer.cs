namespace Orleans.Runtime;

/// <summary>A grain's timer. Disposing stops it and cancels the token of a running callback.</summary>
public interface IGrainTimer : IDisposable
{
    /// <summary>Sets a new first tick and period.</summary>
    void Change(TimeSpan dueTime, TimeSpan period);
}
