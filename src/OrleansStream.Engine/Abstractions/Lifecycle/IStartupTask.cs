namespace Orleans.Runtime;

/// <summary>Work for the time when the silo is active.</summary>
public interface IStartupTask
{
    /// <summary>Does the work; an error stops the silo.</summary>
    Task Execute(CancellationToken cancellationToken);
}
