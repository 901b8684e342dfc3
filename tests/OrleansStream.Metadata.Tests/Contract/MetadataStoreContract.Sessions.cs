namespace OrleansStream.Metadata.Tests.Contract;

/// <content>Sessions and ephemeral nodes.</content>
public abstract partial class MetadataStoreContract
{
    [Fact]
    public async Task SessionIds_AreDifferentAndNotZero()
    {
        var other = await SessionAsync();

        Store.SessionId.ShouldNotBe(0);
        other.SessionId.ShouldNotBe(Store.SessionId);
        Store.SessionEnded.IsCancellationRequested.ShouldBeFalse();
    }

    [Fact]
    public async Task Dispose_DeletesEphemeralNodesAndTellsWatches_WhenOthersLook()
    {
        var other = await SessionAsync();
        await other.CreateAsync(At("gone"), default, CreateMode.Ephemeral, Cancellation);
        await other.CreateAsync(At("stays"), default, CreateMode.Persistent, Cancellation);
        var (onNode, seenNode) = Once();
        var (onChildren, seenChildren) = Once();
        (await Store.ExistsAsync(At("gone"), onNode, Cancellation))!.EphemeralOwner.ShouldBe(other.SessionId);
        await Store.GetChildrenAsync(Base, onChildren, Cancellation);

        await other.DisposeAsync();

        (await SeenAsync(seenNode, "the ephemeral node")).Type.ShouldBe(WatchEventType.NodeDeleted);
        (await SeenAsync(seenChildren, "the parent")).Type.ShouldBe(WatchEventType.NodeChildrenChanged);
        (await Store.GetChildrenAsync(Base, cancellationToken: Cancellation)).Value.Names.ShouldBe(["stays"]);
    }

    [Fact]
    public async Task Dispose_EndsTheSession_AndMakesUseAnError()
    {
        var other = await SessionAsync();
        var (watch, seen) = Once();
        await other.GetDataAsync(Base, watch, Cancellation);

        await other.DisposeAsync();
        await other.DisposeAsync();

        (await SeenAsync(seen, "the end of the session")).ShouldBe(new WatchEvent(WatchEventType.SessionEnded, Base));
        other.SessionEnded.IsCancellationRequested.ShouldBeTrue();
        await Should.ThrowAsync<ObjectDisposedException>(() => other.GetDataAsync(Base, cancellationToken: Cancellation));
        await Should.ThrowAsync<ObjectDisposedException>(() => other.DeleteAsync(Base, -1, Cancellation));
    }

    [Fact]
    public async Task Expiry_EndsTheSession_AndFailsItsOperations()
    {
        var other = await SessionAsync();
        await other.CreateAsync(At("gone"), default, CreateMode.Ephemeral, Cancellation);
        var (watch, seen) = Once();
        await other.GetChildrenAsync(Base, watch, Cancellation);
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = other.SessionEnded.Register(ended.SetResult);

        await ExpireAsync(other);

        (await SeenAsync(seen, "the expiry")).Type.ShouldBeOneOf(WatchEventType.SessionEnded, WatchEventType.NodeChildrenChanged);
        await ended.Task.WaitAsync(Patience, Cancellation);
        (await Should.ThrowAsync<MetadataSessionExpiredException>(() => other.GetDataAsync(Base, cancellationToken: Cancellation)))
            .SessionId.ShouldBe(other.SessionId);
        await Should.ThrowAsync<MetadataSessionExpiredException>(() => other.CreateAsync(At("x"), default, cancellationToken: Cancellation));
        (await Store.GetChildrenAsync(Base, cancellationToken: Cancellation)).Value.Names.ShouldBeEmpty();
    }

    [Fact]
    public async Task Ephemeral_CanBeDeletedByAnotherSession_AndIsNotDeletedTwice()
    {
        var other = await SessionAsync();
        await other.CreateAsync(At("e"), default, CreateMode.Ephemeral, Cancellation);
        (await Store.DeleteAsync(At("e"), -1, Cancellation)).ShouldBe(MetadataError.None);
        await CreateAsync("e", "persistent now");

        await other.DisposeAsync();

        Text((await Store.GetDataAsync(At("e"), cancellationToken: Cancellation)).Value).ShouldBe("persistent now");
    }

    [Fact]
    public async Task Operations_AreCancelled_WhenTheTokenIs()
    {
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(() => Store.GetDataAsync(Base, cancellationToken: cancelled.Token));
        await Should.ThrowAsync<OperationCanceledException>(() => Store.CreateAsync(At("a"), default, cancellationToken: cancelled.Token));
    }
}
