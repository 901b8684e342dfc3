using System.Globalization;
using OrleansStream.Faults.Faults;
using OrleansStream.Faults.Network;

namespace OrleansStream.Faults.Running;

/// <summary>
/// A cluster under load to which faults happen, one after the other, and the judgement over what it did. Topics are written to in
/// rounds; after each everything is read again, on every replica.
/// </summary>
public sealed class FaultRun(ClusterNetwork network, FaultRunOptions options, RunLog log)
{
    /// <summary>A broker that the others have declared dead while it was away ends itself when it hears of it.</summary>
    private static readonly TimeSpan SettleTime = TimeSpan.FromSeconds(3);

    private static readonly TimeSpan WholePatience = TimeSpan.FromSeconds(120);

    private readonly Random _random = new(options.Seed);
    private readonly FaultTable _table = new();
    private long _failed;

    /// <summary>Runs to the end. What must not be stands in the log's violations afterwards.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        log.Say($"seed {options.Seed}; logs and data in {options.Directory}");
        await using var cluster = await FaultCluster.StartAsync(network, options, log, cancellationToken);
        var faults = Choose(cluster);
        log.Say($"{options.Brokers} brokers serve; faults: {string.Join(", ", faults.Select(fault => fault.Name))}");
        await RequireWholeAsync(cluster, cancellationToken);
        var end = log.Elapsed + options.Length;
        var script = new Queue<Fault>(faults);
        for (var round = 1; options.IsScript ? script.Count > 0 : log.Elapsed < end; round++)
        {
            var roundEnd = log.Elapsed + options.RoundLength;
            await using var load = await Round.StartAsync(cluster, $"round-{round}", options, log, cancellationToken);
            while (options.IsScript ? script.Count > 0 : log.Elapsed < end && log.Elapsed < roundEnd)
            {
                await Pace.ForAsync(TimeSpan.FromSeconds((2 + (4 * _random.NextDouble())) * options.Duration), cancellationToken);
                var fault = options.IsScript ? script.Dequeue() : faults[_random.Next(faults.Count)];
                await HappenAsync(cluster, load, fault, faults, cancellationToken);
            }

            await load.FinishAsync(cancellationToken);
            log.AcknowledgedCount += load.Workloads.Sum(workload => workload.History.AcknowledgedCount);
            _failed += load.Workloads.Sum(workload => workload.History.FailedCount);
        }

        Report(cluster);
    }

    private List<Fault> Choose(FaultCluster cluster)
    {
        var chosen = options.Faults.Count == 0
            ? FaultCatalog.All
            : [.. options.Faults.Select(name => FaultCatalog.All.Single(fault => fault.Name == name))];
        foreach (var fault in chosen.Distinct().Where(fault => fault.WhyNot(cluster) is not null))
        {
            log.Say($"skipped: {fault.Name}: {fault.WhyNot(cluster)}");
        }

        return [.. chosen.Where(fault => fault.WhyNot(cluster) is null)];
    }

    private async Task HappenAsync(FaultCluster cluster, Round load, Fault fault, List<Fault> faults, CancellationToken cancellationToken)
    {
        var name = fault.Name;
        log.Say($"fault {_table.Begin()}: {fault.Name}");
        load.BeginWindow();
        var happening = fault.RunAsync(Scene());
        if (_random.Next(100) < options.OverlapPercent)
        {
            var other = faults[_random.Next(faults.Count)];
            await Task.WhenAny(happening, Pace.ForAsync(TimeSpan.FromSeconds(8 * _random.NextDouble()), cancellationToken));
            if (other != fault && !happening.IsCompleted)
            {
                name = "two at a time";
                log.Say($"   and {other.Name}");
                await other.RunAsync(Scene());
            }
        }

        await happening;
        var undone = log.Elapsed;
        var recovery = await RequireWholeAsync(cluster, cancellationToken) - undone;
        await load.RequireAcknowledgementsAsync(WholePatience, cancellationToken);
        log.FaultCount++;
        log.Say(string.Create(CultureInfo.InvariantCulture, $"   over: whole again after {recovery.TotalSeconds:F1} s"));
        foreach (var workload in load.Workloads)
        {
            var history = workload.History;
            var gaps = history.Partitions.Select(partition => partition.LongestGap()).ToArray();
            var affected = gaps.Count(gap => gap >= TimeSpan.FromSeconds(1));
            _table.Add(workload == load.Workloads[0] ? name : $"{name}, {workload.Name}", gaps.Max(), affected, recovery);
            log.Say(string.Create(
                CultureInfo.InvariantCulture,
                $"   {workload.Name}: longest without acknowledgement {gaps.Max().TotalSeconds:F1} s, {affected} of {gaps.Length} partitions for 1 s or more; {history.AcknowledgedCount} acknowledged, {history.FailedCount} failed, {history.UnconsumedCount} to be read by the group"));
        }

        FaultScene Scene() => new(cluster, load.Topic, new Random(_random.Next()), options.Duration, log, cancellationToken);
    }

    /// <summary>Waits until the cluster is whole and stays so. Returns since when it is.</summary>
    private async Task<TimeSpan> RequireWholeAsync(FaultCluster cluster, CancellationToken cancellationToken)
    {
        string? why = "nobody answers";
        var since = log.Elapsed;
        var isWhole = await Pace.UntilAsync(
            async stop =>
            {
                if ((why = await cluster.WhyNotWholeAsync(stop)) is not null)
                {
                    return false;
                }

                since = log.Elapsed;
                await Pace.ForAsync(SettleTime, stop);
                return (why = await cluster.WhyNotWholeAsync(stop)) is null;
            },
            WholePatience,
            cancellationToken);
        if (!isWhole)
        {
            log.Violation($"the cluster is not whole again {WholePatience.TotalSeconds:F0} s after the fault: {why}");
        }

        return since;
    }

    private void Report(FaultCluster cluster)
    {
        foreach (var line in _table.Lines())
        {
            log.Say(line);
        }

        log.Say($"brokers that ended by themselves: {string.Join(", ", cluster.Brokers.Select(broker => $"{broker.Id}: {broker.EndedByItself} times"))}");
        log.Say($"seed {options.Seed}: {_table.Count} faults, {log.AcknowledgedCount} records acknowledged, {_failed} reported as not delivered, {log.Violations.Count} violations");
    }
}
