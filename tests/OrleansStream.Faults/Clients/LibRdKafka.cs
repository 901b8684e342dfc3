using OrleansStream.Faults.Processes;

namespace OrleansStream.Faults.Clients;

/// <summary>
/// librdkafka of today under Confluent.Kafka: tests/fault-clients/librdkafka.cs, which tests/faults.sh builds outside of the solution, since not every
/// feed has its packages.
/// </summary>
internal sealed class LibRdKafka : KafkaClient
{
    private static readonly string Program = Path.GetFullPath(Path.Combine(BuildOutput.FaultClients, "..", "..", "artifacts", "fault-clients", "out", "librdkafka.dll"));

    public override string Name => "librdkafka";

    public override string? WhyMissing
        => File.Exists(Program) ? null : "tests/fault-clients/librdkafka.cs is not built; tests/faults.sh does that where the packages Confluent.Kafka and librdkafka.redist can be had";

    internal override IReadOnlyList<string> ProducerCommand(string bootstrap, string topic, int[] partitions) => [BuildOutput.Dotnet, Program, "produce", bootstrap, topic];

    internal override IReadOnlyList<string> ReaderCommand(string bootstrap, string topic, string groupId) => [BuildOutput.Dotnet, Program, "consume", bootstrap, topic, groupId];

    internal override ClientReport? Understand(string line) => ClientReport.Read(line);
}
