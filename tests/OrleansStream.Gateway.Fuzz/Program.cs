using OrleansStream.Gateway.Fuzz;
using OrleansStream.Protocol.Fuzz;

const string Purpose = "Feeds mutated Kafka requests to the gateway's dispatcher and codecs, or with --socket to a listener.";
if (FuzzOptions.Read(args, Purpose, ("--socket", "through a socket")) is not { } options)
{
    return 2;
}

using var dispatcher = new DispatcherTarget();
var generator = new RequestGenerator(dispatcher.Apis);
await using var listener = new SocketTarget();
if (options.HasSwitch)
{
    await listener.StartAsync();
}

var run = new FuzzRun(options, FeedAsync);
await run.TryAsync(FuzzRun.ReadCorpus(options), "corpus");
Console.WriteLine($"{generator.Proper.Count} proper requests to begin with");
await run.TryAsync(generator.Proper, "a proper request");
await run.IterateAsync(generator.Create, Outcome);
if (options.HasSwitch && await listener.StopAsync() is var open and > 0)
{
    run.Report($"{open} connections are still open.");
}

return run.End(Outcome());

string Outcome() => options.HasSwitch ? $"{listener.Closed} connections closed" : $"{dispatcher.Answered} answered";

async ValueTask FeedAsync(byte[] request, FuzzRandom random)
{
    if (options.HasSwitch)
    {
        await listener.RunAsync(request, random);
    }
    else
    {
        dispatcher.Run(request);
    }
}
