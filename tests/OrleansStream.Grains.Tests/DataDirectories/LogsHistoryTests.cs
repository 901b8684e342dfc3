using OrleansStream.Grains.DataDirectories;
using OrleansStream.Storage;

namespace OrleansStream.Grains.Tests.DataDirectories;

public sealed class LogsHistoryTests : IDisposable
{
    private readonly DirectoryInfo _logs = Directory.CreateTempSubdirectory("ostream-logs-");

    public void Dispose() => _logs.Delete(recursive: true);

    [Fact]
    public async Task ReadOrBegin_KeepsTheFirstTransaction_AsLongAsTheLogsAreThere()
    {
        (await LogsHistory.ReadOrBeginAsync(_logs.FullName, () => Task.FromResult(17L))).ShouldBe(17);
        (await LogsHistory.ReadOrBeginAsync(_logs.FullName, () => Task.FromResult(99L))).ShouldBe(17);
    }

    [Fact]
    public async Task ReadOrBegin_BeginsAnew_WhenTheDiskWasEmptied()
    {
        await LogsHistory.ReadOrBeginAsync(_logs.FullName, () => Task.FromResult(17L));
        File.Delete(Path.Combine(_logs.FullName, LogsHistory.FileName));

        (await LogsHistory.ReadOrBeginAsync(_logs.FullName, () => Task.FromResult(99L))).ShouldBe(99);
    }

    [Fact]
    public async Task ReadOrBegin_TrustsLogs_ThatAreOlderThanTheFile()
    {
        Directory.CreateDirectory(PartitionDirectories.PathOf(_logs.FullName, new TopicPartition("orders", 0)));

        (await LogsHistory.ReadOrBeginAsync(_logs.FullName, () => Task.FromResult(99L))).ShouldBe(0);
    }
}
