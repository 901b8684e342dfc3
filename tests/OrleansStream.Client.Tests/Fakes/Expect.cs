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
        if (await Task.WhenAny(task, Task.Delay(Patience)) != task)
        {
            throw new TimeoutException($"{what} did not happen within {Patience}");
        }

        await task;
    }

    public static Task Within(this ValueTask task, string what) => task.AsTask().Within(what);

    public static Task<T> Within<T>(this ValueTask<T> task, string what) => task.AsTask().Within(what);

    /// <summary>Waits until something that another thread brings about is so.</summary>
    public static async Task Until(Func<bool> condition, string what)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (!condition())
        {
            if (TimeProvider.System.GetElapsedTime(started) > Patience)
            {
                throw new TimeoutException($"{what} did not happen within {Patience}");
            }

            await Task.Delay(1);
        }
    }
}
