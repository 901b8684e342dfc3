using System.CommandLine;
using OrleansStream.Cli.Invocation;
using OrleansStream.Cli.Terminal;
using OrleansStream.Client;

namespace OrleansStream.Cli.Records;

/// <summary><c>ostream produce TOPIC</c>: each line of stdin or a file becomes a record.</summary>
internal static class ProduceCommand
{
    /// <summary>Builds the command.</summary>
    public static Command Create(GlobalOptions global, CommandEnvironment environment)
    {
        var topic = new Argument<string>("TOPIC") { Description = "The topic; it is created if the broker allows that." };
        var file = new Option<string>("--file") { Description = "Read from this file; - or none means stdin.", HelpName = "FILE" };
        var keySeparator = new Option<string>("--key-separator") { Description = "What stands between key and value in a line; knows \\t, \\0 and \\xHH. Without it records have no key.", HelpName = "TEXT" };
        var acks = OptionValues.Acks();
        var compression = OptionValues.Compression();
        var partition = OptionValues.Number("--partition", "N", 0, "The partition; without it the key decides, or chance.");
        var header = new Option<string[]>("--header") { Description = "A header for every record; may be repeated.", HelpName = "KEY=VALUE" };
        var linger = OptionValues.LingerMs();
        var batchSize = OptionValues.BatchSize();

        var command = new Command("produce", "Sends lines as records, byte for byte: one line, one record; the newline is not part of it.")
        {
            topic, file, keySeparator, acks, compression, partition, header, linger, batchSize,
        };
        command.SetAction(async (parse, cancellationToken) =>
        {
            var separator = parse.GetValue(keySeparator);
            var request = new ProduceRequest
            {
                Topic = parse.GetRequiredValue(topic),
                KeySeparator = separator is null ? null : Delimiter.Parse("--key-separator", separator),
                Partition = parse.GetValue(partition),
                Headers = ParseHeaders(parse.GetValue(header)),
                Acks = parse.GetValue(acks) ?? Acks.All,
                Compression = parse.GetValue(compression) ?? CompressionType.None,
                LingerMs = parse.GetValue(linger),
                BatchSize = parse.GetValue(batchSize),
            };
            await using var input = OpenInput(parse.GetValue(file), environment);
            await using var client = await global.ConnectAsync(parse, environment, cancellationToken).ConfigureAwait(false);
            var result = await LineProducer.RunAsync(client, request, input, environment, cancellationToken).ConfigureAwait(false);
            Report(environment, parse.GetValue(global.Json), request.Topic, result);
            return result.Interrupted ? ExitCode.Interrupted : ExitCode.Success;
        });
        return command;
    }

    private static Stream OpenInput(string? file, CommandEnvironment environment)
    {
        if (file is null or "-")
        {
            return environment.Input;
        }

        try
        {
            return new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0, FileOptions.SequentialScan);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw CommandFailedException.Usage($"--file '{file}' cannot be read: {error.Message}");
        }
    }

    private static Headers? ParseHeaders(string[]? pairs)
    {
        if (pairs is not { Length: > 0 })
        {
            return null;
        }

        var headers = new Headers();
        foreach (var pair in pairs)
        {
            var (key, value) = OptionValues.ParsePair("--header", pair);
            headers.Add(key, value);
        }

        return headers;
    }

    private static void Report(CommandEnvironment environment, bool asJson, string topic, ProduceOutcome result)
    {
        if (asJson)
        {
            JsonOutput.Write(environment.Output, json =>
            {
                json.WriteStartObject();
                json.WriteString("topic", topic);
                json.WriteNumber("records", result.Records);
                json.WriteNumber("bytes", result.Bytes);
                json.WriteNumber("seconds", result.Elapsed.TotalSeconds);
                json.WriteEndObject();
            });
        }
        else if (environment.ErrorIsTerminal)
        {
            environment.Error.WriteLine($"{Quantity.Of(result.Records, "record")}, {Quantity.Bytes(result.Bytes)} to '{topic}' in {result.Elapsed.TotalSeconds:F1} s");
        }
    }
}
