using System.Collections.Immutable;
using System.Globalization;
using OrleansStream.Core;
using OrleansStream.Core.Controller;
using OrleansStream.Metadata.Layout;

namespace OrleansStream.Metadata.Registry;

/// <summary>The cluster in the metadata store: its id, its brokers, its controller, its producer ids.</summary>
/// <remarks>It keeps no state. It belongs to one session; a new session gets a new one.</remarks>
public sealed class ClusterRegistry
{
    private readonly IMetadataStore _store;
    private readonly TimeProvider _time;

    /// <summary>Works on a session.</summary>
    public ClusterRegistry(IMetadataStore store, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(time);
        _store = store;
        _time = time;
    }

    private long NowMs => _time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>Makes the nodes that every cluster has, where they are missing.</summary>
    public async Task EnsureLayoutAsync(CancellationToken cancellationToken)
    {
        var creations = ZNodes.Persistent.Select(path => _store.CreateAsync(path, default, CreateMode.Persistent, cancellationToken)).ToArray();
        foreach (var creation in creations)
        {
            var created = await creation;
            if (created.Error is not (MetadataError.None or MetadataError.NodeExists))
            {
                throw new MetadataOperationException(created.Error, created.Path);
            }
        }
    }

    /// <summary>The cluster's id; a cluster without one gets the proposed one.</summary>
    public async Task<string> GetOrCreateClusterIdAsync(string proposal, CancellationToken cancellationToken)
    {
        var created = await _store.CreateAsync(ZNodes.ClusterId, ZNodePayload.WriteClusterId(proposal), CreateMode.Persistent, cancellationToken);
        return created.Error switch
        {
            MetadataError.None => proposal,
            MetadataError.NodeExists => ZNodePayload.ReadClusterId((await _store.GetDataAsync(ZNodes.ClusterId, null, cancellationToken)).Value.Data),
            var error => throw new MetadataOperationException(error, ZNodes.ClusterId),
        };
    }

    /// <summary>The number of a transaction that takes place now: larger than that of everything before, smaller than that of what comes.</summary>
    public async Task<long> ObserveTransactionAsync(CancellationToken cancellationToken)
        => (await _store.SetDataAsync(ZNodes.BrokerSequence, default, -1, cancellationToken)).Value.ModifiedZxid;

    /// <summary>Registers this broker for as long as the session lasts.</summary>
    /// <param name="broker">The broker.</param>
    /// <param name="patience">How long to wait for another session that holds the id, such as that of a broker that was killed.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The broker epoch (KIP-380), or <see cref="ErrorCode.DuplicateBrokerRegistration"/> if another session holds the id.</returns>
    public async Task<Outcome<long>> RegisterBrokerAsync(BrokerRegistration broker, TimeSpan patience, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(broker);
        var path = ZNodes.Broker(broker.BrokerId);
        var begun = _time.GetTimestamp();
        while (true)
        {
            var data = ZNodePayload.WriteBroker(broker, NowMs);
            var created = await _store.CreateAsync(path, data, CreateMode.Ephemeral, cancellationToken);
            if (created.Error != MetadataError.NodeExists)
            {
                return Outcome.Of(created.Value.Stat.CreatedZxid);
            }

            // Ours if an earlier try did take effect although its answer was lost. Gone if its session ended just now.
            var gone = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            var stat = await _store.ExistsAsync(path, _ => gone.TrySetResult(), cancellationToken);
            if (stat?.EphemeralOwner == _store.SessionId)
            {
                if ((await _store.SetDataAsync(path, data, stat.Version, cancellationToken)).IsSuccess)
                {
                    return Outcome.Of(stat.CreatedZxid);
                }
            }
            else if (stat is not null && !await IsDoneAsync(gone.Task, patience - _time.GetElapsedTime(begun), cancellationToken))
            {
                return Outcome.Failure(
                    ErrorCode.DuplicateBrokerRegistration,
                    string.Create(CultureInfo.InvariantCulture, $"Broker id {broker.BrokerId} is registered by another session (0x{stat.EphemeralOwner:x}). Wait until that one has ended, or give this broker another id."));
            }
        }
    }

    /// <summary>The brokers that are alive, in order of their id.</summary>
    /// <param name="watch">Called when a broker comes or goes.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<ImmutableArray<LiveBroker>> ReadBrokersAsync(Action<WatchEvent>? watch, CancellationToken cancellationToken)
    {
        var children = (await _store.GetChildrenAsync(ZNodes.BrokerIds, watch, cancellationToken)).Value;
        var ids = children.Names
            .Select(name => int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var id)
                ? id
                : throw new ZNodeFormatException(NodePath.Join(ZNodes.BrokerIds, name), "its name is not a broker id"))
            .Order();
        var brokers = ImmutableArray.CreateBuilder<LiveBroker>();
        foreach (var (id, read) in ids.Select(id => (id, _store.GetDataAsync(ZNodes.Broker(id), null, cancellationToken))).ToArray())
        {
            // One that has gone meanwhile is left out; the watch tells.
            if ((await read).TryGetValue(out var node))
            {
                brokers.Add(new LiveBroker(ZNodePayload.ReadBroker(id, node.Data), node.Stat.CreatedZxid));
            }
        }

        return brokers.ToImmutable();
    }

    /// <summary>The controller's broker id; null if there is none.</summary>
    /// <param name="watch">Called when the controller goes, or when there is one again.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<int?> ReadControllerAsync(Action<WatchEvent>? watch, CancellationToken cancellationToken)
    {
        // The watch of Exists also sees a creation.
        if (watch is not null)
        {
            await _store.ExistsAsync(ZNodes.Controller, watch, cancellationToken);
        }

        return (await _store.GetDataAsync(ZNodes.Controller, null, cancellationToken)).TryGetValue(out var node)
            ? ZNodePayload.ReadController(node.Data)
            : null;
    }

    /// <summary>The controller as it was elected, for <see cref="DeposeControllerAsync"/>; null if there is none.</summary>
    /// <param name="watch">Called when the controller goes, or when there is one again.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<ControllerIncumbent?> ReadIncumbentAsync(Action<WatchEvent>? watch, CancellationToken cancellationToken)
    {
        while (true)
        {
            var epoch = await ReadOrCreateEpochAsync(cancellationToken);
            if (watch is not null)
            {
                // This watch also sees a creation.
                await _store.ExistsAsync(ZNodes.Controller, watch, cancellationToken);
            }

            if (!(await _store.GetDataAsync(ZNodes.Controller, null, cancellationToken)).TryGetValue(out var controller))
            {
                return null;
            }

            if (epoch.Stat.ModifiedZxid < controller.Stat.CreatedZxid)
            {
                // Another was elected between the reads.
                continue;
            }

            var controllerId = ZNodePayload.ReadController(controller.Data);
            var registration = await _store.ExistsAsync(ZNodes.Broker(controllerId), null, cancellationToken);
            return new ControllerIncumbent(
                controllerId, new ControllerFence(ZNodePayload.ReadControllerEpoch(epoch.Data), epoch.Stat.Version), registration?.CreatedZxid);
        }
    }

    /// <summary>Takes the office from a controller that is dead, and its registration with it, if both are still those that are meant.</summary>
    /// <returns>Whether it was done.</returns>
    public async Task<bool> DeposeControllerAsync(ControllerIncumbent incumbent, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(incumbent);
        var path = ZNodes.Broker(incumbent.ControllerId);
        var office = await _store.ExistsAsync(ZNodes.Controller, null, cancellationToken);
        var registration = await _store.ExistsAsync(path, null, cancellationToken);
        var operations = new List<MultiOperation> { incumbent.Election.Check, new MultiOperation.Delete(ZNodes.Controller, -1) };

        // One that has registered anew in the session that holds the office is as dead; another session is another life.
        if (registration is not null && (registration.CreatedZxid == incumbent.BrokerEpoch || registration.EphemeralOwner == office?.EphemeralOwner))
        {
            operations.Add(new MultiOperation.Delete(path, registration.Version));
        }

        return (await _store.MultiAsync([.. operations], cancellationToken)).IsSuccess;
    }

    /// <summary>Removes the registration of a broker that is dead, though its session may live on.</summary>
    /// <param name="fence">The controller's election.</param>
    /// <param name="brokerId">The broker.</param>
    /// <param name="brokerEpoch">The registration that is meant; a later one is left alone.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Whether it was done.</returns>
    public async Task<bool> RemoveBrokerAsync(ControllerFence fence, int brokerId, long brokerEpoch, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(fence);
        var path = ZNodes.Broker(brokerId);
        return await _store.ExistsAsync(path, null, cancellationToken) is { } stat
            && stat.CreatedZxid == brokerEpoch
            && (await _store.MultiAsync([fence.Check, new MultiOperation.Delete(path, stat.Version)], cancellationToken)).IsSuccess;
    }

    /// <summary>Waits until this session's registration is gone, which can happen while the session lives.</summary>
    /// <returns>When there is no registration of the broker in that epoch.</returns>
    public async Task WhenRegistrationGoneAsync(int brokerId, long brokerEpoch, CancellationToken cancellationToken)
    {
        while (true)
        {
            var changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            var stat = await _store.ExistsAsync(ZNodes.Broker(brokerId), _ => changed.TrySetResult(), cancellationToken);
            if (stat?.CreatedZxid != brokerEpoch)
            {
                return;
            }

            await changed.Task.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Waits until the broker is registered in this session.</summary>
    public async Task WhenRegisteredAsync(int brokerId, CancellationToken cancellationToken)
    {
        while (true)
        {
            var changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            var stat = await _store.ExistsAsync(ZNodes.Broker(brokerId), _ => changed.TrySetResult(), cancellationToken);
            if (stat?.EphemeralOwner == _store.SessionId)
            {
                return;
            }

            await changed.Task.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Stands for election. The controller's node and the epoch change in one transaction.</summary>
    public async Task<ControllerElection> ElectControllerAsync(int brokerId, CancellationToken cancellationToken)
    {
        while (true)
        {
            var epoch = await ReadOrCreateEpochAsync(cancellationToken);
            var next = ZNodePayload.ReadControllerEpoch(epoch.Data) + 1;
            var result = await _store.MultiAsync(
                [
                    new MultiOperation.Create(ZNodes.Controller, ZNodePayload.WriteController(brokerId, NowMs), CreateMode.Ephemeral),
                    new MultiOperation.SetData(ZNodes.ControllerEpoch, ZNodePayload.WriteControllerEpoch(next), epoch.Stat.Version),
                ],
                cancellationToken);
            if (result.IsSuccess)
            {
                return new ControllerElection(brokerId, new ControllerFence(next, result.Results[1].Stat!.Version));
            }

            if (await ReadElectedAsync(cancellationToken) is { } elected)
            {
                return elected;
            }
        }
    }

    /// <summary>Gives up the office, if the election still stands.</summary>
    public async Task ResignAsync(ControllerFence fence, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(fence);
        await _store.MultiAsync([fence.Check, new MultiOperation.Delete(ZNodes.Controller, -1)], cancellationToken);
    }

    /// <summary>Takes the next block of producer ids (KIP-98); no id is ever handed out twice.</summary>
    /// <returns>The block, or <see cref="ErrorCode.UnknownServerError"/> when the ids are used up.</returns>
    public async Task<Outcome<ProducerIdBlock>> AllocateProducerIdBlockAsync(int brokerId, CancellationToken cancellationToken)
    {
        while (true)
        {
            var current = (await _store.GetDataAsync(ZNodes.ProducerIdBlock, null, cancellationToken)).Value;
            var last = current.Data.IsEmpty ? -1 : ZNodePayload.ReadProducerIdBlock(current.Data).Last;
            if (last > long.MaxValue - ProducerIdBlock.Size)
            {
                return Outcome.Failure(ErrorCode.UnknownServerError, $"All producer ids up to {last} have been handed out; there is no whole block left.");
            }

            var first = last + 1;
            var block = new ProducerIdBlock(brokerId, first, first + ProducerIdBlock.Size - 1);
            var set = await _store.SetDataAsync(ZNodes.ProducerIdBlock, ZNodePayload.WriteProducerIdBlock(block), current.Stat.Version, cancellationToken);
            if (set.Error != MetadataError.BadVersion)
            {
                return set.IsSuccess ? Outcome.Of(block) : throw new MetadataOperationException(set.Error, set.Path);
            }
        }
    }

    private async Task<bool> IsDoneAsync(Task task, TimeSpan patience, CancellationToken cancellationToken)
    {
        try
        {
            await task.WaitAsync(patience > TimeSpan.Zero ? patience : TimeSpan.Zero, _time, cancellationToken);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    private async Task<NodeData> ReadOrCreateEpochAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            if ((await _store.GetDataAsync(ZNodes.ControllerEpoch, null, cancellationToken)).TryGetValue(out var epoch))
            {
                return epoch;
            }

            await _store.CreateAsync(ZNodes.ControllerEpoch, ZNodePayload.WriteControllerEpoch(0), CreateMode.Persistent, cancellationToken);
        }
    }

    /// <summary>Who was elected instead, or this very session if the answer to an earlier try was lost; null if there is no controller now.</summary>
    private async Task<ControllerElection?> ReadElectedAsync(CancellationToken cancellationToken)
    {
        if (!(await _store.GetDataAsync(ZNodes.Controller, null, cancellationToken)).TryGetValue(out var controller))
        {
            return null;
        }

        var controllerId = ZNodePayload.ReadController(controller.Data);
        if (controller.Stat.EphemeralOwner != _store.SessionId)
        {
            return new ControllerElection(controllerId, null);
        }

        var epoch = (await _store.GetDataAsync(ZNodes.ControllerEpoch, null, cancellationToken)).Value;
        if (epoch.Stat.ModifiedZxid == controller.Stat.CreatedZxid)
        {
            return new ControllerElection(controllerId, new ControllerFence(ZNodePayload.ReadControllerEpoch(epoch.Data), epoch.Stat.Version));
        }

        // An office whose epoch somebody else has touched is none.
        await _store.DeleteAsync(ZNodes.Controller, controller.Stat.Version, cancellationToken);
        return null;
    }
}
