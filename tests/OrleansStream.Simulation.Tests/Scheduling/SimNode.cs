namespace OrleansStream.Simulation.Tests.Scheduling;

/// <summary>A process: it can be killed, started again, and stopped for a while without noticing.</summary>
internal abstract class SimNode(int id)
{
    public int Id { get; } = id;

    public bool IsUp { get; protected set; } = true;

    /// <summary>Grows with each start; nothing of an earlier life happens in a later one.</summary>
    public int Life { get; protected set; }

    /// <summary>Until when the process stands still; the world goes on.</summary>
    public long PausedUntilMs { get; set; }
}
