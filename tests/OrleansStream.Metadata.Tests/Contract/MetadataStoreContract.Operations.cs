namespace OrleansStream.Metadata.Tests.Contract;

/// <content>Create, read, set, delete.</content>
public abstract partial class MetadataStoreContract
{
    [Fact]
    public async Task Create_ReturnsPathAndFreshStat_WhenTheParentExists()
    {
        var created = await CreateAsync("a", "data");

        created.Path.ShouldBe(At("a"));
        created.Stat.CreatedZxid.ShouldBeGreaterThan(0);
        created.Stat.ModifiedZxid.ShouldBe(created.Stat.CreatedZxid);
        created.Stat.ChildrenZxid.ShouldBe(created.Stat.CreatedZxid);
        created.Stat.ModifiedTimeMs.ShouldBe(created.Stat.CreatedTimeMs);
        created.Stat.CreatedTimeMs.ShouldBeGreaterThan(0);
        created.Stat.Version.ShouldBe(0);
        created.Stat.ChildrenVersion.ShouldBe(0);
        created.Stat.AclVersion.ShouldBe(0);
        created.Stat.EphemeralOwner.ShouldBe(0);
        created.Stat.DataLength.ShouldBe(4);
        created.Stat.ChildCount.ShouldBe(0);
        var read = (await Store.GetDataAsync(At("a"), cancellationToken: Cancellation)).Value;
        Text(read).ShouldBe("data");
        read.Stat.ShouldBe(created.Stat);
    }

    [Fact]
    public async Task Create_Fails_WhenTheNodeExistsOrTheParentDoesNot()
    {
        await CreateAsync("a");

        (await Store.CreateAsync(At("a"), default, cancellationToken: Cancellation)).Error.ShouldBe(MetadataError.NodeExists);
        (await Store.CreateAsync(At("b/c"), default, cancellationToken: Cancellation)).Error.ShouldBe(MetadataError.NoNode);
        (await Store.CreateAsync("/", default, cancellationToken: Cancellation)).Error.ShouldBe(MetadataError.NodeExists);
    }

    [Fact]
    public async Task Create_Fails_WhenTheParentIsEphemeral()
    {
        await CreateAsync("e", mode: CreateMode.Ephemeral);

        (await Store.CreateAsync(At("e/child"), default, cancellationToken: Cancellation)).Error.ShouldBe(MetadataError.NoChildrenForEphemerals);
    }

    [Fact]
    public async Task Create_CountsInTheParent_WhenSequential()
    {
        (await CreateAsync("n-", mode: CreateMode.PersistentSequential)).Path.ShouldBe(At("n-0000000000"));
        await CreateAsync("other");
        (await CreateAsync("n-", mode: CreateMode.EphemeralSequential)).Path.ShouldBe(At("n-0000000002"));
        (await Store.DeleteAsync(At("n-0000000002"), -1, Cancellation)).ShouldBe(MetadataError.None);
        (await CreateAsync("n-", mode: CreateMode.PersistentSequential)).Path.ShouldBe(At("n-0000000003"));
        (await CreateAsync("", mode: CreateMode.PersistentSequential)).Path.ShouldBe(At("0000000004"));
    }

    [Fact]
    public async Task Create_KeepsItsOwnCopy_WhenTheCallerUsesTheBufferAgain()
    {
        var buffer = Bytes("first");
        await Store.CreateAsync(At("a"), buffer, cancellationToken: Cancellation);
        buffer.AsSpan().Clear();

        Text((await Store.GetDataAsync(At("a"), cancellationToken: Cancellation)).Value).ShouldBe("first");
    }

    [Theory]
    [InlineData("")]
    [InlineData("relative")]
    [InlineData("/ends/")]
    [InlineData("//empty")]
    [InlineData("/a/./b")]
    [InlineData("/a/../b")]
    [InlineData("/nul\0")]
    [InlineData("/control\u001f")]
    [InlineData("/delete\u007f")]
    [InlineData("/private\ue000")]
    [InlineData("/special\ufff0")]
    public async Task Operations_Throw_WhenThePathCanNeverBeRight(string path)
    {
        await Should.ThrowAsync<ArgumentException>(() => Store.CreateAsync(path, default, cancellationToken: Cancellation));
        await Should.ThrowAsync<ArgumentException>(() => Store.GetDataAsync(path, cancellationToken: Cancellation));
        await Should.ThrowAsync<ArgumentException>(() => Store.ExistsAsync(path, cancellationToken: Cancellation));
        await Should.ThrowAsync<ArgumentException>(() => Store.GetChildrenAsync(path, cancellationToken: Cancellation));
        await Should.ThrowAsync<ArgumentException>(() => Store.DeleteAsync(path, -1, Cancellation));
        await Should.ThrowAsync<ArgumentException>(() => Store.SetDataAsync(path, default, -1, Cancellation));
        await Should.ThrowAsync<ArgumentException>(() => Store.MultiAsync([new MultiOperation.Check(path, -1)], Cancellation));
    }

    [Fact]
    public async Task Operations_TakeDataUpToTheLimit_AndThrowBeyond()
    {
        (await Store.CreateAsync(At("a"), new byte[NodePath.MaxRequestBytes - 4096], cancellationToken: Cancellation)).IsSuccess.ShouldBeTrue();
        var thrown = await Should.ThrowAsync<ArgumentException>(
            () => Store.SetDataAsync(At("a"), new byte[NodePath.MaxRequestBytes + 1], -1, Cancellation));
        thrown.Message.ShouldContain("1048575");
        (await Store.ExistsAsync(At("a"), cancellationToken: Cancellation))!.Version.ShouldBe(0);
    }

    [Fact]
    public async Task GetData_FailsAndExistsIsNull_WhenThereIsNoNode()
    {
        (await Store.GetDataAsync(At("none"), cancellationToken: Cancellation)).Error.ShouldBe(MetadataError.NoNode);
        (await Store.GetChildrenAsync(At("none"), cancellationToken: Cancellation)).Error.ShouldBe(MetadataError.NoNode);
        (await Store.ExistsAsync(At("none"), cancellationToken: Cancellation)).ShouldBeNull();
    }

    [Fact]
    public async Task SetData_CountsTheVersion_WhenTheVersionMatchesOrIsWild()
    {
        var created = await CreateAsync("a", "0");

        var first = (await Store.SetDataAsync(At("a"), Bytes("one"), 0, Cancellation)).Value;
        var second = (await Store.SetDataAsync(At("a"), Bytes("two"), -1, Cancellation)).Value;

        first.Version.ShouldBe(1);
        second.Version.ShouldBe(2);
        second.ModifiedZxid.ShouldBeGreaterThan(first.ModifiedZxid);
        second.CreatedZxid.ShouldBe(created.Stat.CreatedZxid);
        second.ChildrenZxid.ShouldBe(created.Stat.CreatedZxid);
        second.DataLength.ShouldBe(3);
    }

    [Fact]
    public async Task SetData_FailsWithoutEffect_WhenTheVersionOrTheNodeIsWrong()
    {
        await CreateAsync("a", "kept");

        (await Store.SetDataAsync(At("a"), Bytes("lost"), 1, Cancellation)).Error.ShouldBe(MetadataError.BadVersion);
        (await Store.SetDataAsync(At("none"), Bytes("lost"), -1, Cancellation)).Error.ShouldBe(MetadataError.NoNode);
        Text((await Store.GetDataAsync(At("a"), cancellationToken: Cancellation)).Value).ShouldBe("kept");
    }

    [Fact]
    public async Task Delete_RemovesTheNode_WhenTheVersionMatchesOrIsWild()
    {
        await CreateAsync("a");
        await CreateAsync("b");

        (await Store.DeleteAsync(At("a"), 0, Cancellation)).ShouldBe(MetadataError.None);
        (await Store.DeleteAsync(At("b"), -1, Cancellation)).ShouldBe(MetadataError.None);
        (await Store.GetChildrenAsync(Base, cancellationToken: Cancellation)).Value.Names.ShouldBeEmpty();
    }

    [Fact]
    public async Task Delete_Fails_WhenTheVersionIsWrongOrThereAreChildrenOrNoNode()
    {
        await CreateAsync("a");
        await CreateAsync("a/b");

        (await Store.DeleteAsync(At("a/b"), 7, Cancellation)).ShouldBe(MetadataError.BadVersion);
        (await Store.DeleteAsync(At("a"), -1, Cancellation)).ShouldBe(MetadataError.NotEmpty);
        (await Store.DeleteAsync(At("c"), -1, Cancellation)).ShouldBe(MetadataError.NoNode);
        (await Store.ExistsAsync(At("a/b"), cancellationToken: Cancellation)).ShouldNotBeNull();
        await Should.ThrowAsync<ArgumentException>(() => Store.DeleteAsync("/", -1, Cancellation));
    }

    [Fact]
    public async Task GetChildren_NamesThemInOrderAndCountsChanges_WhenTheyComeAndGo()
    {
        await CreateAsync("b");
        await CreateAsync("a");
        await CreateAsync("a/deep");
        var last = await CreateAsync("c");
        await Store.DeleteAsync(At("b"), -1, Cancellation);

        var children = (await Store.GetChildrenAsync(Base, cancellationToken: Cancellation)).Value;

        children.Names.ShouldBe(["a", "c"]);
        children.Stat.ChildCount.ShouldBe(2);
        children.Stat.ChildrenVersion.ShouldBe(4);
        children.Stat.ChildrenZxid.ShouldBeGreaterThan(last.Stat.CreatedZxid);
        children.Stat.Version.ShouldBe(0);
    }

    [Fact]
    public async Task Operations_TakeEffectInTheOrderOfTheCalls_WhenNobodyWaitsBetween()
    {
        var created = Store.CreateAsync(At("a"), Bytes("0"), cancellationToken: Cancellation);
        var reads = new List<Task<MetadataResult<NodeData>>>();
        for (var i = 1; i <= 50; i++)
        {
            _ = Store.SetDataAsync(At("a"), Bytes($"{i}"), i - 1, Cancellation);
            reads.Add(Store.GetDataAsync(At("a"), cancellationToken: Cancellation));
        }

        (await created).IsSuccess.ShouldBeTrue();
        var seen = (await Task.WhenAll(reads)).Select(read => Text(read.Value));
        seen.ShouldBe(Enumerable.Range(1, 50).Select(i => $"{i}"));
    }

    [Fact]
    public async Task Sync_MakesOtherSessionsWritesVisible_WhenTheyWereAnsweredBefore()
    {
        var other = await SessionAsync();
        await CreateAsync("a", "seen");

        await other.SyncAsync(Cancellation);

        Text((await other.GetDataAsync(At("a"), cancellationToken: Cancellation)).Value).ShouldBe("seen");
    }
}
