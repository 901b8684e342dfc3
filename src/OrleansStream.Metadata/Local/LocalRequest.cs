using System.Collections.Immutable;

namespace OrleansStream.Metadata.Local;

/// <summary>An operation in the queue of a <see cref="LocalMetadataDatabase"/>.</summary>
internal abstract class LocalRequest
{
    /// <summary>
    /// Plans the operation on a tree, which stays as it is. May be called again on another tree.
    /// </summary>
    /// <returns>The changes to make, none for a read or a failed write, and the tree after them.</returns>
    public abstract (ImmutableArray<TreeChange> Changes, ZNodeTree Tree) Plan(ZNodeTree tree, long zxid, long timeMs);

    /// <summary>Answers as planned; the changes are durable.</summary>
    public abstract void Complete();

    /// <summary>Answers that it could not be done.</summary>
    public abstract void Fail(Exception exception);

    /// <summary>A request with an answer.</summary>
    public abstract class WithAnswer<T> : LocalRequest
    {
        private readonly TaskCompletionSource<T> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<T> Task => _answer.Task;

        protected T? Planned { get; set; }

        public override void Complete() => _answer.TrySetResult(Planned!);

        public override void Fail(Exception exception) => _answer.TrySetException(exception);
    }

    /// <summary>Starts a session; its id is the number of the transaction.</summary>
    public sealed class OpenSession : WithAnswer<long>
    {
        public LocalMetadataStore? Store { get; set; }

        public override (ImmutableArray<TreeChange> Changes, ZNodeTree Tree) Plan(ZNodeTree tree, long zxid, long timeMs)
        {
            Planned = zxid;
            var change = new TreeChange.OpenSession(zxid);
            return ([change], tree.Apply(change, zxid, timeMs));
        }
    }

    /// <summary>Ends a session, if it has not ended.</summary>
    public sealed class CloseSession(long sessionId) : WithAnswer<bool>
    {
        public long SessionId => sessionId;

        public override (ImmutableArray<TreeChange> Changes, ZNodeTree Tree) Plan(ZNodeTree tree, long zxid, long timeMs)
        {
            Planned = tree.Sessions.Contains(sessionId);
            var change = new TreeChange.CloseSession(sessionId);
            return Planned ? ([change], tree.Apply(change, zxid, timeMs)) : ([], tree);
        }
    }

    /// <summary>Runs operations in one transaction.</summary>
    public sealed class Multi(long sessionId, IReadOnlyList<MultiOperation> operations) : WithAnswer<MultiResult>
    {
        private bool _isExpired;

        public override (ImmutableArray<TreeChange> Changes, ZNodeTree Tree) Plan(ZNodeTree tree, long zxid, long timeMs)
        {
            _isExpired = !tree.Sessions.Contains(sessionId);
            if (_isExpired)
            {
                return ([], tree);
            }

            var (result, changes, after) = TreePlanner.Plan(tree, operations, sessionId, zxid, timeMs);
            Planned = result;
            return (changes, after);
        }

        public override void Complete()
        {
            if (_isExpired)
            {
                Fail(new MetadataSessionExpiredException(sessionId));
            }
            else
            {
                base.Complete();
            }
        }
    }

    /// <summary>Looks at the tree, and sets a watch when the answer is given.</summary>
    public sealed class Read<T>(long sessionId, Func<ZNodeTree, T> read, Action<T>? setWatch) : WithAnswer<T>
    {
        private bool _isExpired;

        public override (ImmutableArray<TreeChange> Changes, ZNodeTree Tree) Plan(ZNodeTree tree, long zxid, long timeMs)
        {
            _isExpired = !tree.Sessions.Contains(sessionId);
            Planned = _isExpired ? default : read(tree);
            return ([], tree);
        }

        public override void Complete()
        {
            if (_isExpired)
            {
                Fail(new MetadataSessionExpiredException(sessionId));
                return;
            }

            setWatch?.Invoke(Planned!);
            base.Complete();
        }
    }
}
