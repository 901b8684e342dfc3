using OrleansStream.Faults.Processes;

namespace OrleansStream.Faults.Clients;

/// <summary>librdkafka of today under Confluent.Kafka: tests/fault-clients/librdkafka, a program that the solution does not build.</summary>
internal sealed class LibRdKafka : KafkaClient
{
    private static readonly string Program = Path.Combine(BuildOutput.FaultClients, "librdkafka", "bin", "Release", "net10.0", "librdkafka.dll");

    public override string Name => "librdkafka";

    public override string? WhyMissing
        => File.Exists(Program) ? null : "tests/fault-clients/librdkafka is not built; tests/faults.sh does that where the packages Confluent.Kafka and librdkafka.redist can be had";

    internal override IReadOnlyList<string> ProducerCommand(string bootstrap, string topic, int[] partitions) => [BuildOutput.Dotnet, Program, "produce", bootstrap, topic];

    internal override IReadOnlyList<string> ReaderCommand(string bootstrap, string topic, string groupId) => [BuildOutput.Dotnet, Program, "consume", bootstrap, topic, groupId];

    internal override ClientReport? Understand(string line) => ClientReport.Read(line);
}
