using Microsoft.Extensions.Logging.Abstractions;
using OrleansStream.Metadata.Local;

namespace OrleansStream.Metadata.Tests.Local;

/// <summary>
/// Random operations, full disks, failed rotations and power losses by seed. After each step the store shows exactly what it
/// has acknowledged.
/// </summary>
public sealed class LocalMetadataSimulationTests
{
    private const int SmallJournal = 4096;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task TheStore_ShowsWhatItAcknowledged_WhateverTheDiskDoes()
    {
        for (var seed = 1; seed <= 150; seed++)
        {
            try
            {
                await RunAsync(new Random(seed));
            }
            catch (Exception e)
            {
                throw new InvalidOperationException($"Seed {seed}: {e.Message}", e);
            }
        }
    }

    private static async Task RunAsync(Random random)
    {
        var disk = new MemoryDirectory();
        var model = new SortedDictionary<string, (byte[] Data, int Version)>(StringComparer.Ordinal);
        var (database, store) = await OpenAsync(disk);
        for (var step = 0; step < 60; step++)
        {
            switch (random.Next(10))
            {
                case 0:
                    // The machine dies. What was not flushed keeps some of its bytes.
                    var left = disk.AfterPowerLoss(random.Next(40));
                    await database.DisposeAsync();
                    (disk, (database, store)) = (left, await OpenAsync(left));
                    break;
                case 1:
                    disk.Room = random.Next(300);
                    disk.RenameFails = random.Next(2) == 0;
                    await WriteAsync(store, model, random, mayFail: true);
                    (disk.Room, disk.RenameFails) = (long.MaxValue, false);
                    break;
                default:
                    await WriteAsync(store, model, random, mayFail: false);
                    break;
            }

            await ShouldShowAsync(store, model);
        }

        await database.DisposeAsync();
    }

    private static async Task<(LocalMetadataDatabase Database, IMetadataStore Store)> OpenAsync(MemoryDirectory disk)
    {
        var database = LocalMetadataDatabase.Open(disk, null, SmallJournal, new ManualTime(), NullLogger.Instance);
        return (database, await database.OpenSessionAsync(Cancellation));
    }

    private static async Task WriteAsync(
        IMetadataStore store, SortedDictionary<string, (byte[] Data, int Version)> model, Random random, bool mayFail)
    {
        var operations = Enumerable.Range(0, random.Next(1, 4)).Select(_ => Operation(random)).ToArray();
        MultiResult result;
        try
        {
            result = await store.MultiAsync(operations, Cancellation);
        }
        catch (MetadataUnavailableException e) when (mayFail && !e.IsOutcomeUnknown)
        {
            return;
        }

        // The model decides for itself, and must come to the same.
        var next = new SortedDictionary<string, (byte[] Data, int Version)>(model, StringComparer.Ordinal);
        var error = operations.Select(operation => Apply(next, operation)).FirstOrDefault(e => e != MetadataError.None);
        result.Error.ShouldBe(error);
        if (error == MetadataError.None)
        {
            model.Clear();
            foreach (var (path, node) in next)
            {
                model.Add(path, node);
            }
        }
    }

    private static MultiOperation Operation(Random random)
    {
        var path = random.Next(3) == 0 ? $"/{random.Next(4)}/{random.Next(3)}" : $"/{random.Next(4)}";
        var data = new byte[random.Next(200)];
        random.NextBytes(data);
        var version = random.Next(3) - 1;
        return random.Next(4) switch
        {
            0 => new MultiOperation.SetData(path, data, version),
            1 => new MultiOperation.Delete(path, version),
            _ => new MultiOperation.Create(path, data),
        };
    }

    private static MetadataError Apply(SortedDictionary<string, (byte[] Data, int Version)> model, MultiOperation operation)
    {
        var parent = NodePath.Parent(operation.Path);
        var exists = model.TryGetValue(operation.Path, out var node);
        switch (operation)
        {
            case MultiOperation.Create create:
                if (parent != "/" && !model.ContainsKey(parent))
                {
                    return MetadataError.NoNode;
                }

                return model.TryAdd(create.Path, (create.Data.ToArray(), 0)) ? MetadataError.None : MetadataError.NodeExists;
            case MultiOperation.SetData set:
                if (exists && (set.Version == -1 || set.Version == node.Version))
                {
                    model[set.Path] = (set.Data.ToArray(), node.Version + 1);
                    return MetadataError.None;
                }

                return exists ? MetadataError.BadVersion : MetadataError.NoNode;
            case MultiOperation.Delete delete:
                if (!exists)
                {
                    return MetadataError.NoNode;
                }

                return delete.Version != -1 && delete.Version != node.Version ? MetadataError.BadVersion
                    : model.Keys.Any(path => path.StartsWith(delete.Path + "/", StringComparison.Ordinal)) ? MetadataError.NotEmpty
                    : model.Remove(delete.Path) ? MetadataError.None : MetadataError.NoNode;
            default:
                throw new InvalidOperationException($"{operation}");
        }
    }

    private static async Task ShouldShowAsync(IMetadataStore store, SortedDictionary<string, (byte[] Data, int Version)> model)
    {
        var shown = new SortedDictionary<string, (byte[] Data, int Version)>(StringComparer.Ordinal);
        var unread = new Queue<string>(["/"]);
        while (unread.TryDequeue(out var path))
        {
            var children = (await store.GetChildrenAsync(path, cancellationToken: Cancellation)).Value;
            foreach (var name in children.Names)
            {
                unread.Enqueue(NodePath.Join(path, name));
            }

            if (path != "/")
            {
                var node = (await store.GetDataAsync(path, cancellationToken: Cancellation)).Value;
                shown.Add(path, (node.Data.ToArray(), node.Stat.Version));
            }
        }

        shown.Keys.ShouldBe(model.Keys);
        foreach (var (path, node) in model)
        {
            shown[path].Version.ShouldBe(node.Version, path);
            shown[path].Data.AsSpan().SequenceEqual(node.Data).ShouldBeTrue(path);
        }
    }
}
