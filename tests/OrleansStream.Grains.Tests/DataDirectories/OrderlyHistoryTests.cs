using OrleansStream.Grains.DataDirectories;
using OrleansStream.Storage;

namespace OrleansStream.Grains.Tests.DataDirectories;

public sealed class OrderlyHistoryTests : IDisposable
{
    private readonly DirectoryInfo _logs = Directory.CreateTempSubdirectory("ostream-logs-");

    public void Dispose() => _logs.Delete(recursive: true);

    [Fact]
    public async Task Begin_KeepsTheTransaction_AsLongAsEachLifeEndsInOrder()
    {
        (await BeginAsync(10)).ShouldBe(0);
        Directory.CreateDirectory(PartitionDirectories.PathOf(_logs.FullName, new TopicPartition("orders", 0)));
        await OrderlyHistory.EndAsync(_logs.FullName, 0);
        (await BeginAsync(20)).ShouldBe(0);
        await OrderlyHistory.EndAsync(_logs.FullName, 0);

        (await BeginAsync(30)).ShouldBe(0);
    }

    [Fact]
    public async Task Begin_BeginsAnew_AfterALifeThatDidNotEnd()
    {
        await BeginAsync(10);
        Directory.CreateDirectory(PartitionDirectories.PathOf(_logs.FullName, new TopicPartition("orders", 0)));

        (await BeginAsync(1_000_000)).ShouldBe(1_000_000);
        await OrderlyHistory.EndAsync(_logs.FullName, 1_000_000);
        (await BeginAsync(2_000_000)).ShouldBe(1_000_000);
    }

    [Fact]
    public async Task Begin_BeginsAnew_ForLogsWithoutTheFile_OrWithADamagedOne()
    {
        Directory.CreateDirectory(PartitionDirectories.PathOf(_logs.FullName, new TopicPartition("orders", 0)));
        (await BeginAsync(17)).ShouldBe(17);
        await File.WriteAllTextAsync(Path.Combine(_logs.FullName, OrderlyHistory.FileName), "stopped", TestContext.Current.CancellationToken);

        (await BeginAsync(18)).ShouldBe(18);
    }

    private Task<long> BeginAsync(long now) => OrderlyHistory.BeginAsync(_logs.FullName, () => Task.FromResult(now));
}
