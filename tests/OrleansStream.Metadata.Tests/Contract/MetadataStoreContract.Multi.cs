namespace OrleansStream.Metadata.Tests.Contract;

/// <content>Multi.</content>
public abstract partial class MetadataStoreContract
{
    [Fact]
    public async Task Multi_RunsInOneTransaction_WhenEachOperationFits()
    {
        await CreateAsync("set", "old");
        await CreateAsync("gone");

        var result = await Store.MultiAsync(
            [
                new MultiOperation.Check(Base, 0),
                new MultiOperation.Create(At("new"), Bytes("n")),
                new MultiOperation.Create(At("new/child"), default, CreateMode.Ephemeral),
                new MultiOperation.SetData(At("set"), Bytes("new"), 0),
                new MultiOperation.Delete(At("gone"), 0),
                new MultiOperation.Create(At("s-"), default, CreateMode.PersistentSequential),
            ],
            Cancellation);

        result.IsSuccess.ShouldBeTrue();
        result.FailedIndex.ShouldBe(-1);
        result.OrThrow().ShouldBeSameAs(result);
        result.Results.Select(r => r.Error).ShouldAllBe(e => e == MetadataError.None);
        result.Results[5].Path.ShouldBe(At("s-0000000003"));
        var zxid = result.Results[1].Stat!.CreatedZxid;
        result.Results[2].Stat!.CreatedZxid.ShouldBe(zxid);
        result.Results[2].Stat!.EphemeralOwner.ShouldBe(Store.SessionId);
        result.Results[3].Stat!.ModifiedZxid.ShouldBe(zxid);
        result.Results[3].Stat!.Version.ShouldBe(1);
        result.Results[0].Stat.ShouldBeNull();
        result.Results[4].Stat.ShouldBeNull();
        (await Store.GetChildrenAsync(Base, cancellationToken: Cancellation)).Value.Names.ShouldBe(["new", "s-0000000003", "set"]);
    }

    [Fact]
    public async Task Multi_HasNoEffectAndNamesTheFailure_WhenOneOperationFails()
    {
        await CreateAsync("a", "kept");
        var before = (await Store.GetChildrenAsync(Base, cancellationToken: Cancellation)).Value.Stat;

        var result = await Store.MultiAsync(
            [
                new MultiOperation.Create(At("b"), default),
                new MultiOperation.SetData(At("a"), Bytes("lost"), -1),
                new MultiOperation.Check(At("a"), 0),
                new MultiOperation.Delete(At("a"), -1),
            ],
            Cancellation);

        result.Error.ShouldBe(MetadataError.BadVersion);
        result.FailedIndex.ShouldBe(2);
        result.Results.Select(r => r.Error).ShouldBe(
            [MetadataError.None, MetadataError.None, MetadataError.BadVersion, MetadataError.RuntimeInconsistency]);
        Should.Throw<MetadataOperationException>(() => result.OrThrow()).Path.ShouldBe(At("a"));
        Text((await Store.GetDataAsync(At("a"), cancellationToken: Cancellation)).Value).ShouldBe("kept");
        (await Store.GetChildrenAsync(Base, cancellationToken: Cancellation)).Value.Stat.ShouldBe(before);
    }

    [Fact]
    public async Task Multi_SeesItsOwnEffects_WhenOperationsBuildOnEachOther()
    {
        var result = await Store.MultiAsync(
            [
                new MultiOperation.Create(At("a"), Bytes("0")),
                new MultiOperation.SetData(At("a"), Bytes("1"), 0),
                new MultiOperation.Check(At("a"), 1),
                new MultiOperation.Delete(At("a"), 1),
                new MultiOperation.Create(At("a"), Bytes("again")),
            ],
            Cancellation);

        result.IsSuccess.ShouldBeTrue();
        var read = (await Store.GetDataAsync(At("a"), cancellationToken: Cancellation)).Value;
        Text(read).ShouldBe("again");
        read.Stat.Version.ShouldBe(0);
    }

    [Fact]
    public async Task Multi_ChecksExistenceOnly_WhenTheVersionIsWild()
    {
        await CreateAsync("a");
        await Store.SetDataAsync(At("a"), default, -1, Cancellation);

        (await Store.MultiAsync([new MultiOperation.Check(At("a"), -1)], Cancellation)).IsSuccess.ShouldBeTrue();
        (await Store.MultiAsync([new MultiOperation.Check(At("none"), -1)], Cancellation)).Error.ShouldBe(MetadataError.NoNode);
    }

    [Fact]
    public async Task Multi_DoesNothing_WhenItIsEmpty()
        => (await Store.MultiAsync([], Cancellation)).IsSuccess.ShouldBeTrue();

    [Fact]
    public async Task Multi_LetsOneOfManyWin_WhenAllDependOnOneVersion()
    {
        var other = await SessionAsync();
        await CreateAsync("counter");

        var attempts = Enumerable.Range(0, 20).Select(i => (i % 2 == 0 ? Store : other).MultiAsync(
            [
                new MultiOperation.SetData(At("counter"), Bytes($"{i}"), 0),
                new MultiOperation.Create(At($"winner-{i}"), default),
            ],
            Cancellation));
        var results = await Task.WhenAll(attempts);

        results.Count(result => result.IsSuccess).ShouldBe(1);
        (await Store.GetChildrenAsync(Base, cancellationToken: Cancellation)).Value.Names.Length.ShouldBe(2);
    }
}
