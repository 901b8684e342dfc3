using System.Diagnostics;
using OrleansStream.Client;
using OrleansStream.EndToEnd.Tests.Processes;

namespace OrleansStream.EndToEnd.Tests.Scenarios;

/// <summary>A full disk: a clear error, a broker that stays up, and nothing acknowledged lost.</summary>
public sealed class DiskFullTests
{
    [Fact]
    public async Task Broker_RefusesAndLosesNothing_WhenTheDiskIsFull()
    {
        using var directory = new TemporaryDirectory();
        await using var disk = await SmallDisk.MountAsync(directory["disk"], "64m");
        Assert.SkipWhen(disk is null, "mounting a small tmpfs needs Linux and root");
        var address = BrokerAddress.In(directory["disk/data"]);

        AcknowledgedRecords records;
        await using (var broker = await Broker.StartAsync(address))
        {
            await using var client = await broker.ConnectAsync();
            await client.Admin.CreateTopicAsync(new TopicSpecification("t", 1), TestContext.Current.CancellationToken);
            records = new AcknowledgedRecords(client, "t", 1, deliveryTimeout: TimeSpan.FromSeconds(5));
            await using (records)
            {
                var failure = await records.WaitForFailureAsync();
                failure.ShouldBeAssignableTo<ProduceException>();
                failure.Message.ShouldContain("KAFKA_STORAGE_ERROR: t-0 is offline");
                failure.Message.ShouldContain("No space left on device");
            }

            (await broker.OstreamAsync("cluster", "describe")).ShouldSucceed();
            (await broker.OstreamAsync("topics", "describe", "t")).Output.ShouldContain("offline");
            broker.Error.ShouldContain("t-0");
            await broker.KillAsync();
        }

        await disk.ResizeAsync("256m");
        await using (var broker = await Broker.StartAsync(address))
        {
            await using var client = await broker.ConnectAsync();
            await records.ShouldBeThereAsync(client);
            (await broker.OstreamAsync(stdin => stdin.WriteAsync("12345678\n"u8.ToArray()).AsTask(), "produce", "t")).ShouldSucceed();
        }
    }

    /// <summary>A tmpfs of a fixed size.</summary>
    private sealed class SmallDisk(string path) : IAsyncDisposable
    {
        /// <summary>Mounts one; null where that is not allowed.</summary>
        public static async Task<SmallDisk?> MountAsync(string path, string size)
        {
            Directory.CreateDirectory(path);
            return OperatingSystem.IsLinux() && await RunAsync("mount", "-t", "tmpfs", "-o", $"size={size}", "tmpfs", path) ? new SmallDisk(path) : null;
        }

        public async Task ResizeAsync(string size) =>
            (await RunAsync("mount", "-o", $"remount,size={size}", path)).ShouldBeTrue("remounting the tmpfs with more room");

        public async ValueTask DisposeAsync() => await RunAsync("umount", "--lazy", path);

        private static async Task<bool> RunAsync(string program, params string[] arguments)
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true });
            await process!.StandardError.ReadToEndAsync(CancellationToken.None);
            await process.WaitForExitAsync(CancellationToken.None);
            return process.ExitCode == 0;
        }
    }
}
