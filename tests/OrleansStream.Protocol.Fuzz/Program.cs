using OrleansStream.Protocol.Fuzz;

if (FuzzOptions.Read(args, "Feeds mutated record batches and compressed data to OrleansStream.Protocol.") is not { } options)
{
    return 2;
}

var cases = FuzzRun.ReadCorpus(options);
var generator = new InputGenerator(cases);
using var target = new RecordBatchTarget();
var run = new FuzzRun(options, (input, _) =>
{
    target.Run(input);
    return default;
});
await run.TryAsync(cases, "corpus");
await run.IterateAsync(generator.Create, Outcome);
return run.End(Outcome());

string Outcome() => $"{target.Accepted} inputs accepted";
