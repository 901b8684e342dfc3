namespace OrleansStream.Client.Tests;

/// <summary>Waiting with a time-out that says what was expected.</summary>
public static class Expect
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    public static async Task<T> Within<T>(this Task<T> task, string what)
    {
        await ((Task)task).Within(what);
        return await task;
    }

    public static async Task Within(this Task task, string what)
    {
        using var patience = new CancellationTokenSource(Patience);
        await Task.WhenAny(task, Task.Delay(Timeout.InfiniteTimeSpan, patience.Token));
        if (!task.IsCompleted)
        {
            throw new TimeoutException($"{what} did not happen within {Patience}");
        }

        await task;
    }

    public static Task Within(this ValueTask task, string what) => task.AsTask().Within(what);

    public static Task<T> Within<T>(this ValueTask<T> task, string what) => task.AsTask().Within(what);

    /// <summary>Waits until something that another thread brings about, and that has no event of its own, is so.</summary>
    public static async Task Until(Func<bool> condition, string what)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (!condition())
        {
            if (TimeProvider.System.GetElapsedTime(started) > Patience)
            {
                throw new TimeoutException($"{what} did not happen within {Patience}");
            }

            await OthersRun();
        }
    }

    /// <summary>Lets other threads run; nothing depends on how long that takes.</summary>
    public static Task OthersRun() => Task.Delay(1);
}
