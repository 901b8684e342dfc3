using OrleansStream.Metadata;
using OrleansStream.Metadata.Tests.Contract;
using OrleansStream.ZooKeeper.Store;
using OrleansStream.ZooKeeper.Tests.Servers;

namespace OrleansStream.ZooKeeper.Tests.Store;

/// <summary>The contract of every store, against a real server and below a chroot.</summary>
public sealed class ZooKeeperMetadataStoreContractTests(StandaloneServer server) : MetadataStoreContract
{
    protected override async Task<IMetadataStore> OpenSessionAsync()
    {
        ZooKeeperInstallation.SkipIfMissing();
        return await ZooKeeperMetadataStore.OpenAsync(Sessions.Options($"{server.Address}/contract/store"), cancellationToken: Cancellation);
    }

    protected override Task ExpireAsync(IMetadataStore session) => Sessions.ExpireAsync(((ZooKeeperMetadataStore)session).Client, Cancellation);

    protected override ValueTask CloseTreeAsync() => ValueTask.CompletedTask;
}
