namespace OrleansStream.Metadata.Tests.Contract;

/// <content>Watches.</content>
public abstract partial class MetadataStoreContract
{
    [Fact]
    public async Task DataWatch_SeesTheFirstChangeOnly_WhenTheDataIsSetTwice()
    {
        await CreateAsync("a");
        var events = new List<WatchEvent>();
        var (watch, seen) = Once();
        await Store.GetDataAsync(At("a"), watch, Cancellation);
        await Store.GetDataAsync(At("a"), events.Add, Cancellation);

        await Store.SetDataAsync(At("a"), default, -1, Cancellation);
        await Store.SetDataAsync(At("a"), default, -1, Cancellation);
        await Store.SyncAsync(Cancellation);

        (await SeenAsync(seen, "the data")).ShouldBe(new WatchEvent(WatchEventType.NodeDataChanged, At("a")));
        events.Count.ShouldBe(1);
    }

    [Fact]
    public async Task DataWatch_SeesTheDeletion_AndNotTheChildren()
    {
        await CreateAsync("a");
        var (watch, seen) = Once();
        await Store.GetDataAsync(At("a"), watch, Cancellation);

        await CreateAsync("a/child");
        await Store.DeleteAsync(At("a/child"), -1, Cancellation);
        await Store.DeleteAsync(At("a"), -1, Cancellation);

        (await SeenAsync(seen, "the deletion")).Type.ShouldBe(WatchEventType.NodeDeleted);
    }

    [Fact]
    public async Task ExistsWatch_SeesTheCreation_WhenThereWasNoNode()
    {
        var (watch, seen) = Once();
        (await Store.ExistsAsync(At("a"), watch, Cancellation)).ShouldBeNull();

        await CreateAsync("a");

        (await SeenAsync(seen, "the creation")).ShouldBe(new WatchEvent(WatchEventType.NodeCreated, At("a")));
    }

    [Fact]
    public async Task ExistsWatch_SeesDataAndDeletion_WhenThereIsANode()
    {
        await CreateAsync("a");
        var (watch, seen) = Once();
        var (watchAgain, seenAgain) = Once();
        await Store.ExistsAsync(At("a"), watch, Cancellation);
        await Store.SetDataAsync(At("a"), default, -1, Cancellation);
        (await SeenAsync(seen, "the data")).Type.ShouldBe(WatchEventType.NodeDataChanged);

        await Store.ExistsAsync(At("a"), watchAgain, Cancellation);
        await Store.DeleteAsync(At("a"), -1, Cancellation);

        (await SeenAsync(seenAgain, "the deletion")).Type.ShouldBe(WatchEventType.NodeDeleted);
    }

    [Fact]
    public async Task ChildrenWatch_SeesChildrenComeAndGo_AndTheNodesOwnDeletion()
    {
        var (created, seenCreated) = Once();
        await Store.GetChildrenAsync(Base, created, Cancellation);
        await CreateAsync("a");
        (await SeenAsync(seenCreated, "the created child")).ShouldBe(new WatchEvent(WatchEventType.NodeChildrenChanged, Base));

        var (deleted, seenDeleted) = Once();
        await Store.GetChildrenAsync(Base, deleted, Cancellation);
        await Store.DeleteAsync(At("a"), -1, Cancellation);
        (await SeenAsync(seenDeleted, "the deleted child")).Type.ShouldBe(WatchEventType.NodeChildrenChanged);

        var (own, seenOwn) = Once();
        await Store.GetChildrenAsync(Base, own, Cancellation);
        await Store.DeleteAsync(Base, -1, Cancellation);
        (await SeenAsync(seenOwn, "the own deletion")).ShouldBe(new WatchEvent(WatchEventType.NodeDeleted, Base));
    }

    [Fact]
    public async Task ChildrenWatch_SeesNothing_WhenDataOrGrandchildrenChange()
    {
        await CreateAsync("a");
        var events = new List<WatchEvent>();
        await Store.GetChildrenAsync(Base, events.Add, Cancellation);

        await CreateAsync("a/deep");
        await Store.SetDataAsync(Base, default, -1, Cancellation);
        await Store.SetDataAsync(At("a"), default, -1, Cancellation);
        await Store.SyncAsync(Cancellation);

        events.ShouldBeEmpty();
    }

    [Fact]
    public async Task Watch_IsNotSet_WhenTheReadFindsNoNode()
    {
        var events = new List<WatchEvent>();
        await Store.GetDataAsync(At("a"), events.Add, Cancellation);
        await Store.GetChildrenAsync(At("a"), events.Add, Cancellation);

        await CreateAsync("a");
        await CreateAsync("a/b");
        await Store.SyncAsync(Cancellation);

        events.ShouldBeEmpty();
    }

    [Fact]
    public async Task Watch_IsCalledOnce_WhenTheSameDelegateWatchesDataChildrenAndExistence()
    {
        await CreateAsync("a");
        var events = new List<WatchEvent>();
        Action<WatchEvent> watch = events.Add;
        await Store.GetDataAsync(At("a"), watch, Cancellation);
        await Store.ExistsAsync(At("a"), watch, Cancellation);
        await Store.GetChildrenAsync(At("a"), watch, Cancellation);

        await Store.DeleteAsync(At("a"), -1, Cancellation);
        await Store.SyncAsync(Cancellation);

        events.ShouldBe([new WatchEvent(WatchEventType.NodeDeleted, At("a"))]);
    }

    [Fact]
    public async Task Watch_IsCalledBeforeTheChangeIsRead_WhenAnotherSessionWrites()
    {
        var other = await SessionAsync();
        await CreateAsync("a", "old");
        for (var round = 0; round < 50; round++)
        {
            var wasCalled = false;
            await other.GetDataAsync(At("a"), _ => wasCalled = true, Cancellation);
            var expected = $"{round}";
            var write = Store.SetDataAsync(At("a"), Bytes(expected), -1, Cancellation);
            string read;
            do
            {
                read = Text((await other.GetDataAsync(At("a"), cancellationToken: Cancellation)).Value);
            }
            while (read != expected);

            wasCalled.ShouldBeTrue($"round {round}: the change was read before the watch was called");
            await write;
        }
    }

    [Fact]
    public async Task Watches_AreCalledInTheOrderOfTheChanges_WhenThereAreSeveral()
    {
        var events = new List<WatchEvent>();
        await Store.ExistsAsync(At("a"), events.Add, Cancellation);
        await Store.GetChildrenAsync(Base, events.Add, Cancellation);
        await Store.ExistsAsync(At("b"), events.Add, Cancellation);

        await Store.MultiAsync(
            [new MultiOperation.Create(At("b"), default), new MultiOperation.Create(At("a"), default)], Cancellation);
        await Store.SyncAsync(Cancellation);

        events.Where(e => e.Type == WatchEventType.NodeCreated).Select(e => e.Path).ShouldBe([At("b"), At("a")]);
        events.Count(e => e == new WatchEvent(WatchEventType.NodeChildrenChanged, Base)).ShouldBe(1);
    }

    [Fact]
    public async Task Watches_SeeNothing_WhenAMultiFails()
    {
        await CreateAsync("a");
        var events = new List<WatchEvent>();
        await Store.GetDataAsync(At("a"), events.Add, Cancellation);
        await Store.GetChildrenAsync(Base, events.Add, Cancellation);

        await Store.MultiAsync(
            [
                new MultiOperation.SetData(At("a"), default, -1),
                new MultiOperation.Create(At("b"), default),
                new MultiOperation.Check(At("none"), -1),
            ],
            Cancellation);
        await Store.SyncAsync(Cancellation);

        events.ShouldBeEmpty();
    }
}
