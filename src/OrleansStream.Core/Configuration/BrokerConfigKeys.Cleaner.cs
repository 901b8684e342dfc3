using static OrleansStream.Core.Configuration.ConfigKeys;
using static OrleansStream.Core.Configuration.ConfigRule;

namespace OrleansStream.Core.Configuration;

/// <content>The keys of compaction as a whole; those of a topic are among its own.</content>
public static partial class BrokerConfigKeys
{
    /// <summary>Compaction.</summary>
    public static readonly ConfigKey<bool> LogCleanerEnable = Boolean("log.cleaner.enable", true, "Whether compaction runs.").ReadOnly();

    /// <summary>Threads of compaction.</summary>
    public static readonly ConfigKey<int> LogCleanerThreads = Int(
        "log.cleaner.threads", 1, AtLeast(0), "The number of logs that are compacted at a time.");

    /// <summary>Memory of compaction.</summary>
    public static readonly ConfigKey<long> LogCleanerDedupeBufferSize = Long(
        "log.cleaner.dedupe.buffer.size",
        134_217_728,
        AtLeast(1_048_576L),
        "The memory for the keys of the logs that are being compacted, 24 bytes a key, shared by all cleaner threads. A log with more keys takes several passes.");

    /// <summary>The rest of compaction.</summary>
    public static readonly ConfigKey<long> LogCleanerBackoffMs = Long(
        "log.cleaner.backoff.ms", 15_000, AtLeast(0L), "How long compaction rests when there is nothing to compact.");
}
