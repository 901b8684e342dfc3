using OrleansStream.Grains.DataDirectories;
using OrleansStream.ZooKeeper;

namespace OrleansStream.Grains.Tests.DataDirectories;

public sealed class SessionHistoryTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("ostream-session-");

    private string FileName => Path.Combine(_directory.FullName, SessionHistory.FileName);

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public async Task Read_ReturnsTheSessionThatWasWrittenLast()
    {
        (await ReadAsync()).ShouldBeNull();
        await WriteAsync(1, 7);
        await WriteAsync(-2, 9);

        var session = (await ReadAsync()).ShouldNotBeNull();

        session.SessionId.ShouldBe(-2);
        session.Password.ToArray().ShouldBe(Password(9));
        if (!OperatingSystem.IsWindows())
        {
            File.GetUnixFileMode(FileName).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }
    }

    [Fact]
    public async Task Read_ReturnsNothing_InACopyOfTheDirectory()
    {
        await WriteAsync(1, 7);
        var copy = _directory.CreateSubdirectory("copy").FullName;
        File.Copy(FileName, Path.Combine(copy, SessionHistory.FileName));

        (await SessionHistory.ReadAsync(copy)).ShouldBeNull();
    }

    [Fact]
    public async Task Read_ReturnsNothing_AfterARestartOfTheMachine()
    {
        await WriteAsync(1, 7);
        var lines = await File.ReadAllLinesAsync(FileName, TestContext.Current.CancellationToken);
        lines[^1] = Guid.Empty.ToString();
        await File.WriteAllLinesAsync(FileName, lines, TestContext.Current.CancellationToken);

        (await ReadAsync()).ShouldBeNull();
    }

    [Fact]
    public async Task Read_ReturnsNothing_WhenTheFileEndsTooSoon()
    {
        await WriteAsync(1, 7);
        var bytes = await File.ReadAllBytesAsync(FileName, TestContext.Current.CancellationToken);
        for (var length = 0; length < bytes.Length - 1; length++)
        {
            await File.WriteAllBytesAsync(FileName, bytes[..length], TestContext.Current.CancellationToken);
            (await ReadAsync()).ShouldBeNull($"{length} of {bytes.Length} bytes");
        }
    }

    private Task<SessionCredentials?> ReadAsync() => SessionHistory.ReadAsync(_directory.FullName);

    private Task WriteAsync(long sessionId, byte password) => SessionHistory.WriteAsync(_directory.FullName, new SessionCredentials(sessionId, Password(password)));

    private static byte[] Password(byte value) => [.. Enumerable.Repeat(value, 16)];
}
