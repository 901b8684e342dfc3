using System.Globalization;

namespace OrleansStream.Cli.Invocation;

/// <summary>Times as they are typed: Unix milliseconds or ISO 8601.</summary>
internal static class Timestamps
{
    /// <summary>Reads one.</summary>
    /// <exception cref="CommandFailedException">It is neither.</exception>
    public static DateTimeOffset Parse(string option, string text)
    {
        if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var milliseconds)
            && milliseconds <= DateTimeOffset.MaxValue.ToUnixTimeMilliseconds())
        {
            return DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);
        }

        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) && time >= DateTimeOffset.UnixEpoch
            ? time
            : throw CommandFailedException.Usage($"{option} '{text}' is neither Unix milliseconds nor ISO 8601 such as 2026-07-31T12:00:00Z.");
    }
}
