using System.Collections.Immutable;
using OrleansStream.Metadata;
using OrleansStream.ZooKeeper.Wire;

namespace OrleansStream.ZooKeeper.Requests;

/// <summary>Reads the answer to a multi.</summary>
/// <param name="operations">What was asked.</param>
/// <param name="zxid">The multi's transaction.</param>
/// <param name="sessionId">The session that asked.</param>
/// <param name="clientPath">Takes the chroot off.</param>
internal sealed class MultiAnswer(IReadOnlyList<MultiOperation> operations, long zxid, long sessionId, Func<string, string> clientPath)
{
    public ZooKeeperMultiResult Read(ZooKeeperError error, ref JuteReader reader)
    {
        if (error != ZooKeeperError.Ok)
        {
            // Refused as a whole.
            return new ZooKeeperMultiResult(error, 0, [.. operations.Select(operation => new ZooKeeperOperationResult(error, operation.Path, null))]);
        }

        var results = ImmutableArray.CreateBuilder<ZooKeeperOperationResult>(operations.Count);
        while (true)
        {
            var type = (OpCode)reader.ReadInt();
            var isDone = reader.ReadBool();
            reader.ReadInt();
            if (isDone)
            {
                break;
            }

            if (results.Count == operations.Count)
            {
                throw new ZooKeeperProtocolException($"The answer to a multi of {operations.Count} operations holds more than that.");
            }

            results.Add(ReadResult(type, operations[results.Count], ref reader));
        }

        if (results.Count < operations.Count)
        {
            throw new ZooKeeperProtocolException($"The answer to a multi of {operations.Count} operations holds {results.Count}.");
        }

        var failed = FailedIndex(results);
        return new ZooKeeperMultiResult(failed < 0 ? ZooKeeperError.Ok : results[failed].Error, failed, results.MoveToImmutable());
    }

    private ZooKeeperOperationResult ReadResult(OpCode type, MultiOperation operation, ref JuteReader reader)
    {
        switch (type)
        {
            case OpCode.Create when operation is MultiOperation.Create create:
                return new ZooKeeperOperationResult(ZooKeeperError.Ok, clientPath(reader.ReadString()), StatOf(create));
            case OpCode.Error:
                return new ZooKeeperOperationResult((ZooKeeperError)reader.ReadInt(), operation.Path, null);
            case OpCode.Create2:
                var path = clientPath(reader.ReadString());
                return new ZooKeeperOperationResult(ZooKeeperError.Ok, path, JuteRecords.ReadStat(ref reader));
            case OpCode.SetData:
                return new ZooKeeperOperationResult(ZooKeeperError.Ok, operation.Path, JuteRecords.ReadStat(ref reader));
            case OpCode.Delete or OpCode.Check:
                return new ZooKeeperOperationResult(ZooKeeperError.Ok, operation.Path, null);
            default:
                throw new ZooKeeperProtocolException($"The answer to a multi holds a result of type {(int)type}, which was not asked for.");
        }
    }

    /// <summary>
    /// A server names only the path of what a multi has created. The rest follows from the transaction's number, but for the time.
    /// </summary>
    private NodeStat StatOf(MultiOperation.Create create)
        => new(
            CreatedZxid: zxid,
            ModifiedZxid: zxid,
            ChildrenZxid: zxid,
            CreatedTimeMs: 0,
            ModifiedTimeMs: 0,
            Version: 0,
            ChildrenVersion: 0,
            AclVersion: 0,
            EphemeralOwner: create.Mode is CreateMode.Ephemeral or CreateMode.EphemeralSequential ? sessionId : 0,
            DataLength: create.Data.Length,
            ChildCount: 0);

    /// <summary>The first that failed by itself: those before it are answered with Ok, those after it with RuntimeInconsistency.</summary>
    private static int FailedIndex(ImmutableArray<ZooKeeperOperationResult>.Builder results)
    {
        for (var i = 0; i < results.Count; i++)
        {
            if (results[i].Error is not (ZooKeeperError.Ok or ZooKeeperError.RuntimeInconsistency))
            {
                return i;
            }
        }

        return -1;
    }
}
