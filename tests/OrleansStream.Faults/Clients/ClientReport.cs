using System.Globalization;

namespace OrleansStream.Faults.Clients;

/// <summary>What a client's producer says of a record, or of itself.</summary>
/// <param name="Kind">What has happened.</param>
/// <param name="Partition">The record's partition; -1 where the report is not about a record that is known.</param>
/// <param name="Sequence">The record's number in its partition; -1 for the first that nothing was reported of yet.</param>
/// <param name="Offset">Where an acknowledged record is.</param>
/// <param name="Text">What the client says of the reason.</param>
internal sealed record ClientReport(ClientReportKind Kind, int Partition = -1, long Sequence = -1, long Offset = -1, string Text = "")
{
    /// <summary>
    /// Reads a line of the programs in tests/fault-clients: <c>ack PARTITION NUMBER OFFSET</c>, <c>fail PARTITION NUMBER REASON</c>,
    /// <c>fatal REASON</c>, <c>restart REASON</c>. Null for any other.
    /// </summary>
    public static ClientReport? Read(string line)
    {
        var words = line.Split(' ', 4);
        return words[0] switch
        {
            "ack" when words.Length == 4 && Numbers(words) is var (partition, sequence) && long.TryParse(words[3], CultureInfo.InvariantCulture, out var offset)
                => new ClientReport(ClientReportKind.Acknowledged, partition, sequence, offset),
            "fail" when words.Length == 4 && Numbers(words) is var (partition, sequence) => new ClientReport(ClientReportKind.Failed, partition, sequence, Text: words[3]),
            "fatal" => new ClientReport(ClientReportKind.Fatal, Text: line["fatal".Length..].Trim()),
            "restart" => new ClientReport(ClientReportKind.Restarted, Text: line["restart".Length..].Trim()),
            _ => null,
        };
    }

    private static (int Partition, long Sequence)? Numbers(string[] words)
        => int.TryParse(words[1], CultureInfo.InvariantCulture, out var partition) && long.TryParse(words[2], CultureInfo.InvariantCulture, out var sequence)
            ? (partition, sequence)
            : null;
}
