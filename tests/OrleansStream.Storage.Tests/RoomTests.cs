namespace OrleansStream.Storage.Tests;

public sealed class RoomTests
{
    private const int MoreThanTheBuffer = 1 << 30;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task ReturnRoom_AdmitsTheNext_WithoutAFlush()
    {
        await using var fixture = new LogFixture();
        await using var log = await fixture.OpenAsync();
        await log.WaitForRoomAsync(MoreThanTheBuffer, Token);
        var next = log.WaitForRoomAsync(100, Token).AsTask();
        next.IsCompleted.ShouldBeFalse("all the room is taken");

        log.ReturnRoom(MoreThanTheBuffer);

        await next.WaitAsync(LogFixture.TimeLimit, Token);
    }

    [Fact]
    public async Task ReturnRoom_ChangesNothing_WhenAFlushHasFreedItAlready()
    {
        await using var fixture = new LogFixture();
        await using var log = await fixture.OpenAsync();
        await log.WaitForRoomAsync(MoreThanTheBuffer, Token);
        log.AppendNext(Batches.Make(1));
        await log.FlushAllAsync();

        log.ReturnRoom(MoreThanTheBuffer);

        await log.WaitForRoomAsync(MoreThanTheBuffer, Token).AsTask().WaitAsync(LogFixture.TimeLimit, Token);
        log.WaitForRoomAsync(100, Token).IsCompleted.ShouldBeFalse("all the room is taken");
    }
}
