namespace OrleansStream.Faults.Clients;

/// <summary>A client of Kafka's protocol that can take part in a run: how its processes are started, and how what they say is understood.</summary>
public abstract class KafkaClient
{
    /// <summary>A record's line, its end included, is not shorter than this: see <see cref="Kcat"/>.</summary>
    internal const int MinValueBytes = 160;

    /// <summary>The clients that there are.</summary>
    public static IReadOnlyList<KafkaClient> All { get; } = [new Kcat(), new KafkaJs(), new LibRdKafka(), new Java("java", "classic"), new Java("java-848", "consumer")];

    /// <summary>Its name on the command line, and in the names of topics and groups.</summary>
    public abstract string Name { get; }

    /// <summary>Why it cannot run here; null if it can.</summary>
    public abstract string? WhyMissing { get; }

    /// <summary>The partitions of each of its producer processes.</summary>
    internal virtual IReadOnlyList<int[]> ProducerProcesses(int partitions) => [[.. Enumerable.Range(0, partitions)]];

    /// <summary>What starts a producer: idempotent, acks=all, 5 s for a request, records from its standard input.</summary>
    internal abstract IReadOnlyList<string> ProducerCommand(string bootstrap, string topic, int[] partitions);

    /// <summary>
    /// What starts a member of a group that begins at the first record where nothing is committed, commits every second, and prints
    /// each record as a line: partition, offset and value.
    /// </summary>
    internal abstract IReadOnlyList<string> ReaderCommand(string bootstrap, string topic, string groupId);

    /// <summary>The line that makes its producer send a record.</summary>
    internal virtual string RecordLine(int partition, long sequence, string value) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{partition} {sequence} {value}");

    /// <summary>What its producer reports with a line; null where that is not a report.</summary>
    internal abstract ClientReport? Understand(string line);

    /// <summary>Whether a program is on the PATH.</summary>
    private protected static bool IsOnPath(string program)
        => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(directory => File.Exists(Path.Combine(directory, program)));
}
