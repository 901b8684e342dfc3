using OrleansStream.Faults.Processes;

namespace OrleansStream.Faults.Clients;

/// <summary>
/// Kafka's Java client: tests/fault-clients/JavaFaults.java, which tests/faults.sh compiles where KAFKA_JAVA is a directory of its jars.
/// Its groups follow the protocol that is named.
/// </summary>
internal sealed class Java(string name, string protocol) : KafkaClient
{
    private static readonly string Classes = Path.GetFullPath(Path.Combine(BuildOutput.FaultClients, "..", "..", "artifacts", "fault-clients", "java"));

    public override string Name => name;

    public override string? WhyMissing
        => !IsOnPath("java") ? "java is not on the PATH"
            : Environment.GetEnvironmentVariable("KAFKA_JAVA") is not { Length: > 0 } ? "KAFKA_JAVA does not say in which directory Kafka's clients and what they need are"
            : File.Exists(Path.Combine(Classes, "JavaFaults.class")) ? null : "tests/fault-clients/JavaFaults.java is not compiled; tests/faults.sh does that with the JDK's javac";

    private static string ClassPath => $"{Classes}:{Path.Combine(Environment.GetEnvironmentVariable("KAFKA_JAVA") ?? "", "*")}";

    internal override IReadOnlyList<string> ProducerCommand(string bootstrap, string topic, int[] partitions)
        => ["java", "-Xmx256m", "-cp", ClassPath, "JavaFaults", "produce", bootstrap, topic];

    internal override IReadOnlyList<string> ReaderCommand(string bootstrap, string topic, string groupId)
        => ["java", "-Xmx256m", "-cp", ClassPath, "JavaFaults", "consume", bootstrap, topic, groupId, protocol];

    internal override ClientReport? Understand(string line) => ClientReport.Read(line);
}
