namespace OrleansStream.Gateway.Tests.Doubles;

/// <summary>Waits for what a test expects, and says what did not come.</summary>
internal static class Expect
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    public static async Task<T> WithinAsync<T>(Task<T> task, string expected)
    {
        try
        {
            return await task.WaitAsync(Limit);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"Expected {expected} within {Limit.TotalSeconds:0} s.");
        }
    }

    public static Task WithinAsync(Task task, string expected)
        => WithinAsync(task.ContinueWith(done => { done.GetAwaiter().GetResult(); return true; }, TaskScheduler.Default), expected);

    /// <summary>Completes when the token is cancelled.</summary>
    public static Task CancelledAsync(CancellationToken token)
    {
        var cancelled = new TaskCompletionSource();
        token.Register(cancelled.SetResult);
        return cancelled.Task;
    }
}
