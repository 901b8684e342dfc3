using System.CommandLine;
using OrleansStream.Cli.Invocation;

namespace OrleansStream.Cli.Bench;

/// <summary><c>ostream bench produce|consume|latency</c>.</summary>
internal static class BenchCommand
{
    /// <summary>Builds the command.</summary>
    public static Command Create(GlobalOptions global, CommandEnvironment environment) =>
        new("bench", "Measures a cluster from outside.")
        {
            Measurement(
                "produce",
                "Sends records as fast as they are taken, or at a rate.",
                new BenchOptions { Size = 100, Records = 1_000_000, Rate = null, Duration = null },
                global,
                environment,
                ProduceBench.RunAsync),
            Measurement(
                "consume",
                "Reads a topic from its beginning to the end that it has now.",
                new BenchOptions { Size = 100, Records = null, Rate = null, Duration = null },
                global,
                environment,
                ConsumeBench.RunAsync),
            Measurement(
                "latency",
                "Sends at a rate and measures the time until a consumer has each record.",
                new BenchOptions { Size = 100, Records = null, Rate = 1_000, Duration = TimeSpan.FromSeconds(10) },
                global,
                environment,
                LatencyBench.RunAsync),
        };

    private static Command Measurement(
        string name,
        string description,
        BenchOptions defaults,
        GlobalOptions global,
        CommandEnvironment environment,
        Func<BenchRun, CancellationToken, Task<BenchReport>> measure)
    {
        var topic = new Argument<string>("TOPIC") { Description = "The topic; it is created if it is not there.", DefaultValueFactory = _ => "ostream-bench" };
        var symbols = new BenchSymbols(defaults, consumes: name == "consume");
        var command = new Command(name, description) { topic };
        symbols.AddTo(command);
        command.SetAction(async (parse, cancellationToken) =>
        {
            var options = symbols.Read(parse, parse.GetRequiredValue(topic));
            await using var client = await global.ConnectAsync(parse, environment, cancellationToken).ConfigureAwait(false);
            var brokerPid = options.BrokerPid ?? (global.AddressOf(parse).Bootstrap is { } bootstrap ? BrokerProcess.FindListener(bootstrap) : null);
            var run = new BenchRun(client, options, environment, brokerPid is { } pid ? BrokerProcess.Open(pid) : null);
            var report = await measure(run, cancellationToken).ConfigureAwait(false);
            report.Write(environment, parse.GetValue(global.Json));
            return ExitCode.Success;
        });
        return command;
    }
}
