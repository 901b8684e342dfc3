using OrleansStream.Cli.Invocation;
using OrleansStream.Client;

namespace OrleansStream.Cli.Records;

/// <summary>Reads the options that say where a consumer starts.</summary>
internal static class ConsumeStart
{
    /// <summary>The place that the options name; without any of them the end.</summary>
    /// <exception cref="CommandFailedException">They contradict each other, or a value means nothing.</exception>
    public static OffsetSpec Parse(bool fromBeginning, long? offset, string? timestamp)
    {
        if ((fromBeginning ? 1 : 0) + (offset is null ? 0 : 1) + (timestamp is null ? 0 : 1) > 1)
        {
            throw CommandFailedException.Usage("--from-beginning, --offset and --timestamp exclude each other; give one of them.");
        }

        if (fromBeginning)
        {
            return OffsetSpec.Earliest;
        }

        return offset is { } at ? OffsetSpec.At(at)
            : timestamp is { } text ? OffsetSpec.AtTimestamp(Timestamps.Parse("--timestamp", text))
            : OffsetSpec.Latest;
    }
}
