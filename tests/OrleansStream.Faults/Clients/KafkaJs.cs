using OrleansStream.Faults.Processes;

namespace OrleansStream.Faults.Clients;

/// <summary>kafkajs from npm: tests/fault-clients/kafkajs.js, which tells how it is used and why.</summary>
internal sealed class KafkaJs : KafkaClient
{
    private static readonly string Program = Path.Combine(BuildOutput.FaultClients, "kafkajs.js");

    public override string Name => "kafkajs";

    public override string? WhyMissing
        => !IsOnPath("node") ? "node is not on the PATH, and kafkajs needs it; on Debian: apt-get install nodejs"
            : !(Environment.GetEnvironmentVariable("NODE_PATH") ?? "").Split(':').Any(directory => Directory.Exists(Path.Combine(directory, "kafkajs")))
                ? "kafkajs is in no directory of NODE_PATH; tests/faults.sh fetches it where npm is installed"
                : null;

    internal override IReadOnlyList<string> ProducerCommand(string bootstrap, string topic, int[] partitions) => ["node", Program, "produce", bootstrap, topic];

    internal override IReadOnlyList<string> ReaderCommand(string bootstrap, string topic, string groupId) => ["node", Program, "consume", bootstrap, topic, groupId];

    internal override ClientReport? Understand(string line) => ClientReport.Read(line);
}
