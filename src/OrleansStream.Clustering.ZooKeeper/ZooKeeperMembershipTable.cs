using System.Globalization;
using Orleans;
using Orleans.Runtime;
using OrleansStream.Metadata;
using OrleansStream.ZooKeeper;

namespace OrleansStream.Clustering.ZooKeeper;

/// <summary>
/// Orleans' membership table in ZooKeeper, in the layout of Orleans' own provider: the version of the node <c>/ClusterId</c> is the
/// table's, each silo is a child of it whose version is the row's etag, and both change in one transaction. When a silo last said
/// that it lives is a child of its node, which is written without a condition.
/// </summary>
/// <remarks>Nodes are not ephemeral: who is dead, the silos' probes and votes decide.</remarks>
internal sealed class ZooKeeperMembershipTable(string connectionString, string clusterId, TableSession session) : IMembershipTable
{
    // A transaction is one request, which servers limit to a megabyte.
    private const int MaxRowsDeletedAtOnce = 100;

    private readonly string _root = "/" + clusterId;

    public Task InitializeMembershipTableAsync(bool tryInitTableVersion, CancellationToken cancellationToken)
        => session.UseAsync(async client =>
        {
            // Who comes first makes the table, whoever was asked to: a silo must not find it missing.
            await client.EnsureChrootAsync(null, cancellationToken).ConfigureAwait(false);
            var created = await client.CreateAsync(_root, default, cancellationToken: cancellationToken).ConfigureAwait(false);
            return created.Error is ZooKeeperError.Ok or ZooKeeperError.NodeExists ? true : throw new ZooKeeperOperationException(created.Error, _root);
        },
        cancellationToken);

    public Task<MembershipTableData> ReadAllAsync(CancellationToken cancellationToken)
        => session.UseAsync(async client =>
        {
            // The answer of a server that lags behind would be an older table than one that this silo has written.
            var synced = client.SyncAsync(_root, cancellationToken);
            while (true)
            {
                var children = await client.GetChildrenAsync(_root, null, cancellationToken).ConfigureAwait(false);
                if (children.Error == ZooKeeperError.NoNode)
                {
                    throw new OrleansException($"There is no cluster '{clusterId}' in ZooKeeper at {connectionString}: no silo has registered there.");
                }

                var reads = children.Value.Names.Select(name => ReadAsync(client, $"{_root}/{name}", cancellationToken)).ToArray();
                var after = client.ExistsAsync(_root, null, cancellationToken);
                var rows = await Task.WhenAll(reads).ConfigureAwait(false);
                await synced.ConfigureAwait(false);

                // Rows change with the table's version only.
                if ((await after.ConfigureAwait(false)).Value.Version == children.Value.Stat.Version)
                {
                    return new MembershipTableData([.. rows.OfType<Tuple<MembershipEntry, string>>()], VersionOf(children.Value.Stat));
                }
            }
        },
        cancellationToken);

    public Task<MembershipTableData> ReadRowAsync(SiloAddress key, CancellationToken cancellationToken)
        => session.UseAsync(async client =>
        {
            var synced = client.SyncAsync(_root, cancellationToken);
            while (true)
            {
                var before = client.ExistsAsync(_root, null, cancellationToken);
                var read = ReadAsync(client, PathOf(key), cancellationToken);
                var after = client.ExistsAsync(_root, null, cancellationToken);
                await synced.ConfigureAwait(false);
                var version = (await before.ConfigureAwait(false)).Value;
                var row = await read.ConfigureAwait(false);
                if ((await after.ConfigureAwait(false)).Value.Version == version.Version)
                {
                    return row is null ? new MembershipTableData(VersionOf(version)) : new MembershipTableData(row, VersionOf(version));
                }
            }
        },
        cancellationToken);

    public Task<bool> InsertRowAsync(MembershipEntry entry, TableVersion tableVersion, CancellationToken cancellationToken)
    {
        var path = PathOf(entry.SiloAddress);
        return TryChangeAsync(
        [
            NextVersion(tableVersion.VersionEtag),
            new MultiOperation.Create(path, MembershipRow.Write(entry)),
            new MultiOperation.Create(AliveOf(path), MembershipRow.WriteIAmAlive(entry.IAmAliveTime)),
        ],
        cancellationToken);
    }

    public Task<bool> UpdateRowAsync(MembershipEntry entry, string etag, TableVersion tableVersion, CancellationToken cancellationToken)
    {
        var path = PathOf(entry.SiloAddress);
        return TryChangeAsync(
        [
            NextVersion(tableVersion.VersionEtag),
            new MultiOperation.SetData(path, MembershipRow.Write(entry), ParseVersion(etag)),
            new MultiOperation.SetData(AliveOf(path), MembershipRow.WriteIAmAlive(entry.IAmAliveTime), -1),
        ],
        cancellationToken);
    }

    public Task UpdateIAmAliveAsync(MembershipEntry entry, CancellationToken cancellationToken)
    {
        var path = AliveOf(PathOf(entry.SiloAddress));
        return session.UseAsync(async client =>
            (await client.SetDataAsync(path, MembershipRow.WriteIAmAlive(entry.IAmAliveTime), -1, cancellationToken).ConfigureAwait(false)).Value, cancellationToken);
    }

    public async Task CleanupDefunctSiloEntriesAsync(DateTimeOffset beforeDate, CancellationToken cancellationToken)
    {
        while (true)
        {
            var table = await ReadAllAsync(cancellationToken).ConfigureAwait(false);
            var defunct = table.Members
                .Select(member => member.Item1)
                .Where(entry => entry.Status == SiloStatus.Dead && LastSign(entry) < beforeDate.UtcDateTime)
                .Take(MaxRowsDeletedAtOnce)
                .Select(entry => PathOf(entry.SiloAddress))
                .ToArray();
            if (defunct.Length == 0)
            {
                return;
            }

            // When another silo was faster, the next round finds what it has left.
            await TryChangeAsync([NextVersion(table.Version.VersionEtag), .. defunct.SelectMany(DeletesOf)], cancellationToken).ConfigureAwait(false);
        }
    }

    public Task DeleteMembershipTableEntriesAsync(string clusterId, CancellationToken cancellationToken)
        => session.UseAsync(async client =>
        {
            var root = "/" + clusterId;
            while (true)
            {
                var children = await client.GetChildrenAsync(root, null, cancellationToken).ConfigureAwait(false);
                if (children.Error == ZooKeeperError.NoNode)
                {
                    return true;
                }

                var rows = children.Value.Names.Take(MaxRowsDeletedAtOnce).Select(name => $"{root}/{name}").ToArray();
                MultiOperation[] operations = rows.Length > 0 ? [.. rows.SelectMany(DeletesOf)] : [new MultiOperation.Delete(root, -1)];
                var result = await client.MultiAsync(operations, null, cancellationToken).ConfigureAwait(false);
                if (result.Error is not (ZooKeeperError.Ok or ZooKeeperError.NoNode or ZooKeeperError.NotEmpty))
                {
                    throw new ZooKeeperOperationException(result.Error, root);
                }
            }
        },
        cancellationToken);

    Task IMembershipTable.InitializeMembershipTable(bool tryInitTableVersion) => InitializeMembershipTableAsync(tryInitTableVersion, CancellationToken.None);

    Task<MembershipTableData> IMembershipTable.ReadAll() => ReadAllAsync(CancellationToken.None);

    Task<MembershipTableData> IMembershipTable.ReadRow(SiloAddress key) => ReadRowAsync(key, CancellationToken.None);

    Task<bool> IMembershipTable.InsertRow(MembershipEntry entry, TableVersion tableVersion) => InsertRowAsync(entry, tableVersion, CancellationToken.None);

    Task<bool> IMembershipTable.UpdateRow(MembershipEntry entry, string etag, TableVersion tableVersion) => UpdateRowAsync(entry, etag, tableVersion, CancellationToken.None);

    Task IMembershipTable.UpdateIAmAlive(MembershipEntry entry) => UpdateIAmAliveAsync(entry, CancellationToken.None);

    Task IMembershipTable.CleanupDefunctSiloEntries(DateTimeOffset beforeDate) => CleanupDefunctSiloEntriesAsync(beforeDate, CancellationToken.None);

    Task IMembershipTable.DeleteMembershipTableEntries(string clusterId) => DeleteMembershipTableEntriesAsync(clusterId, CancellationToken.None);

    private static async Task<Tuple<MembershipEntry, string>?> ReadAsync(ZooKeeperClient client, string path, CancellationToken cancellationToken)
    {
        var reading = client.GetDataAsync(path, null, cancellationToken);
        var alive = await client.GetDataAsync(AliveOf(path), null, cancellationToken).ConfigureAwait(false);
        var row = await reading.ConfigureAwait(false);

        // Deleted since it was listed: the table's version has changed, and who reads all begins again.
        return row.Error == ZooKeeperError.NoNode || alive.Error == ZooKeeperError.NoNode
            ? null
            : Tuple.Create(MembershipRow.Read(path, row.Value.Data.Span, alive.Value.Data.Span), row.Value.Stat.Version.ToString(CultureInfo.InvariantCulture));
    }

    private static DateTime LastSign(MembershipEntry entry) => entry.IAmAliveTime > entry.StartTime ? entry.IAmAliveTime : entry.StartTime;

    private static MultiOperation[] DeletesOf(string path) => [new MultiOperation.Delete(AliveOf(path), -1), new MultiOperation.Delete(path, -1)];

    private static string AliveOf(string path) => path + "/IAmAlive";

    private static TableVersion VersionOf(NodeStat stat) => new(stat.Version, stat.Version.ToString(CultureInfo.InvariantCulture));

    private static int ParseVersion(string etag) => int.Parse(etag, CultureInfo.InvariantCulture);

    private string PathOf(SiloAddress silo) => $"{_root}/{silo.ToParsableString()}";

    // A write of nothing, for the version that it gives the node.
    private MultiOperation.SetData NextVersion(string etag) => new(_root, default, ParseVersion(etag));

    /// <returns>Whether the versions were those expected.</returns>
    private Task<bool> TryChangeAsync(IReadOnlyList<MultiOperation> operations, CancellationToken cancellationToken)
        => session.UseAsync(async client =>
        {
            var result = await client.MultiAsync(operations, null, cancellationToken).ConfigureAwait(false);
            return result.Error switch
            {
                ZooKeeperError.Ok => true,
                ZooKeeperError.BadVersion or ZooKeeperError.NodeExists or ZooKeeperError.NoNode => false,
                var error => throw new ZooKeeperOperationException(error, _root),
            };
        },
        cancellationToken);
}
