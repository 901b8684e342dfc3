using System.Globalization;
using System.Text.RegularExpressions;

namespace OrleansStream.Faults.Clients;

/// <summary>
/// kcat as Debian packages it. One process produces for one partition, since its reports of failure name none. It says of each
/// delivered record partition and offset (-vvv), and reports come in the order of sending, which the idempotent producer keeps: the n-th
/// report is that of the n-th line. A record that it was given and reported nothing of when it ended is not acknowledged.
/// </summary>
/// <remarks>
/// It reads its input in pieces of 128 bytes, one for each line, and keeps what it has not used: with shorter lines its buffer would
/// grow to its limit. It polls for reports when it has read a line, so they are as late as the next record.
/// </remarks>
internal sealed partial class Kcat : KafkaClient
{
    public override string Name => "kcat";

    public override string? WhyMissing => IsOnPath("kcat") ? null : "kcat is not on the PATH; on Debian: apt-get install kcat";

    internal override IReadOnlyList<int[]> ProducerProcesses(int partitions) => [.. Enumerable.Range(0, partitions).Select(partition => new[] { partition })];

    internal override IReadOnlyList<string> ProducerCommand(string bootstrap, string topic, int[] partitions) =>
    [
        "kcat", "-P", "-E", "-vvv", "-b", bootstrap, "-t", topic, "-p", partitions[0].ToString(CultureInfo.InvariantCulture), "-X", "enable.idempotence=true", "-X", "acks=all",
        "-X", "linger.ms=5", "-X", "request.timeout.ms=5000", "-X", "socket.timeout.ms=5000", "-X", "message.timeout.ms=0", "-X", "queue.buffering.max.messages=20000",
    ];

    internal override IReadOnlyList<string> ReaderCommand(string bootstrap, string topic, string groupId) =>
    [
        "kcat", "-b", bootstrap, "-G", groupId, "-E", "-u", "-f", "%p %o %s\n", "-X", "socket.timeout.ms=5000", "-X", "auto.offset.reset=earliest", "-X", "auto.commit.interval.ms=1000", topic,
    ];

    internal override string RecordLine(int partition, long sequence, string value) => value;

    internal override ClientReport? Understand(string line)
    {
        if (Delivered().Match(line) is { Success: true } match)
        {
            return new ClientReport(
                ClientReportKind.Acknowledged,
                int.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture),
                Offset: long.Parse(match.Groups[2].ValueSpan, CultureInfo.InvariantCulture));
        }

        return line.StartsWith("% Delivery failed", StringComparison.Ordinal) ? new ClientReport(ClientReportKind.Failed, Text: line)
            : line.StartsWith("% FATAL CLIENT ERROR", StringComparison.Ordinal) ? new ClientReport(ClientReportKind.Fatal, Text: line)
            : null;
    }

    [GeneratedRegex(@"^% Message delivered to partition (\d+) \(offset (\d+)\)")]
    private static partial Regex Delivered();
}
