using Orleans.Runtime;

namespace OrleansStream.Engine.Membership;

/// <summary>The table in memory: of a lone silo, or of the silos of one process.</summary>
internal sealed class InMemoryMembershipTable : IMembershipTable
{
    // Dead silos are remembered up to this many, so that a table does not grow for ever.
    private const int MaxDeadCount = 25;

    private readonly Lock _gate = new();
    private Action? _changed;
    private MembershipView _view = new(0, []);

    public MembershipView View => Volatile.Read(ref _view);

    public Task<MembershipView> ReadAsync(CancellationToken cancellationToken) => Task.FromResult(View);

    public Task<bool> TryWriteAsync(MemberRecord record, long expectedVersion, CancellationToken cancellationToken)
    {
        Action? changed;
        lock (_gate)
        {
            if (_view.Version != expectedVersion)
            {
                return Task.FromResult(false);
            }

            var next = _view.With(record);
            var dead = next.Members.Where(member => member.Status == SiloStatus.Dead).OrderByDescending(member => member.Silo.Generation).Skip(MaxDeadCount).ToHashSet();
            Volatile.Write(ref _view, dead.Count == 0 ? next : next.Without(dead.Contains));
            changed = _changed;
        }

        changed?.Invoke();
        return Task.FromResult(true);
    }

    public IDisposable Subscribe(Action changed)
    {
        lock (_gate)
        {
            _changed += changed;
        }

        return new Subscription(this, changed);
    }

    private sealed class Subscription(InMemoryMembershipTable table, Action changed) : IDisposable
    {
        public void Dispose()
        {
            lock (table._gate)
            {
                table._changed -= changed;
            }
        }
    }
}
