namespace OrleansStream.Storage.Buffers;

/// <summary>The memory for what all logs have read ahead together. Nothing waits for it: without it a log reads when asked.</summary>
internal sealed class ReadAheadBudget(long budgetBytes)
{
    private long _reserved;

    /// <summary>What is reserved now.</summary>
    public long ReservedBytes => Interlocked.Read(ref _reserved);

    /// <summary>Reserves memory if there is some left.</summary>
    public bool TryReserve(int bytes)
    {
        if (Interlocked.Add(ref _reserved, bytes) <= budgetBytes)
        {
            return true;
        }

        Return(bytes);
        return false;
    }

    /// <summary>Gives a reservation back.</summary>
    public void Return(int bytes) => Interlocked.Add(ref _reserved, -bytes);
}
