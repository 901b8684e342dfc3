using System.Globalization;
using OrleansStream.Client;
using OrleansStream.Faults.Clients;
using OrleansStream.Faults.Faults;
using OrleansStream.Faults.Network;
using OrleansStream.Faults.Processes;
using OrleansStream.Faults.Running;

namespace OrleansStream.Faults;

/// <summary>The program behind tests/faults.sh, which explains the options. Exit code 0: no violation; 1: violations; 2: cannot run.</summary>
internal static class Program
{
    private static async Task<int> Main(string[] arguments)
    {
        FaultRunOptions options;
        try
        {
            options = Parse(arguments);
        }
        catch (FormatException error)
        {
            await Console.Error.WriteLineAsync(error.Message);
            return 2;
        }

        var missing = new[] { ZooKeeperNode.WhyMissing }.Concat(KafkaClient.All.Where(client => options.With.Contains(client.Name)).Select(client => client.WhyMissing));
        if (string.Join(Environment.NewLine, missing.OfType<string>()) is { Length: > 0 } words)
        {
            await Console.Error.WriteLineAsync(words);
            return 2;
        }

        using var stop = new CancellationTokenSource();
        Console.CancelKeyPress += (_, press) =>
        {
            press.Cancel = true;
            stop.Cancel();
        };
        var log = new RunLog(Console.WriteLine);
        try
        {
            ClusterNetwork network = Environment.GetEnvironmentVariable("OSTREAM_FAULTS_NAMESPACE") == "yes"
                ? await NamespaceNetwork.CreateAsync(options.Brokers)
                : new LoopbackNetwork(options.Brokers);
            await new FaultRun(network, options, log).RunAsync(stop.Token);
        }
        catch (CommandFailedException error)
        {
            await Console.Error.WriteLineAsync(error.Message);
            return 2;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            log.Say("stopped");
            return 2;
        }

        catch (Exception error) when (error is OrleansStreamException or TimeoutException)
        {
            log.Violation($"the run has broken off: {error}");
        }

        foreach (var violation in log.Violations)
        {
            Console.WriteLine($"VIOLATION  {violation}");
        }

        return log.Violations.Count == 0 ? 0 : 1;
    }

    private static FaultRunOptions Parse(string[] arguments)
    {
        var options = new FaultRunOptions
        {
            Seed = Environment.TickCount & 0xFFFFFF,
            Directory = Path.Combine(Path.GetTempPath(), string.Create(CultureInfo.InvariantCulture, $"ostream-faults-{Environment.ProcessId}")),
        };
        for (var i = 0; i < arguments.Length; i += 2)
        {
            if (i + 1 == arguments.Length)
            {
                throw new FormatException($"{arguments[i]} needs a value.");
            }

            var value = arguments[i + 1];
            options = arguments[i] switch
            {
                "--minutes" => options with { Length = TimeSpan.FromMinutes(Number(value, 0.1, 10_000)) },
                "--round-minutes" => options with { RoundLength = TimeSpan.FromMinutes(Number(value, 0.1, 10_000)) },
                "--seed" => options with { Seed = (int)Number(value, 0, int.MaxValue) },
                "--rate" => options with { Rate = (int)Number(value, 1, 1_000_000) },
                "--partitions" => options with { Partitions = (int)Number(value, 1, 1000) },
                "--value-bytes" => options with { ValueBytes = (int)Number(value, 40, 1_000_000) },
                "--with" => options with { With = Clients(value) },
                "--client-rate" => options with { ClientRate = (int)Number(value, 1, 100_000) },
                "--overlap" => options with { OverlapPercent = (int)Number(value, 0, 100) },
                "--faults" => options with { Faults = Names(value) },
                "--script" => options with { Faults = Names(value), IsScript = true },
                "--set" => options with { Configs = [.. options.Configs, value] },
                "--dir" => options with { Directory = Path.GetFullPath(value) },
                _ => throw new FormatException($"There is no option {arguments[i]}; see tests/faults.sh --help."),
            };
        }

        Directory.CreateDirectory(options.Directory);
        return options;
    }

    private static double Number(string text, double least, double most)
        => double.TryParse(text, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most
            ? number
            : throw new FormatException(string.Create(CultureInfo.InvariantCulture, $"'{text}' must be a number from {least} to {most}."));

    private static string[] Clients(string text)
    {
        var names = text.Split(',', StringSplitOptions.RemoveEmptyEntries).Distinct().ToArray();
        var unknown = names.Except(KafkaClient.All.Select(client => client.Name)).FirstOrDefault();
        return unknown is null
            ? names
            : throw new FormatException($"There is no client '{unknown}'; there are {string.Join(", ", KafkaClient.All.Select(client => client.Name))}.");
    }

    private static string[] Names(string text)
    {
        var names = text.Split(',', StringSplitOptions.RemoveEmptyEntries);
        var unknown = names.Except(FaultCatalog.All.Select(fault => fault.Name)).FirstOrDefault();
        return unknown is null
            ? names
            : throw new FormatException($"There is no fault '{unknown}'; there are {string.Join(", ", FaultCatalog.All.Select(fault => fault.Name))}.");
    }
}
