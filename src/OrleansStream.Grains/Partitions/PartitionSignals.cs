using System.Collections.Concurrent;

namespace OrleansStream.Grains.Partitions;

/// <summary>
/// Wakes the fetches of this silo that wait for a partition. A waiter registers first and reads then, so that nothing that
/// happens between the two is missed.
/// </summary>
/// <remarks>Thread-safe. The number of waiters is bounded by the broker grain.</remarks>
internal sealed class PartitionSignals
{
    private readonly ConcurrentDictionary<TopicPartition, List<Registration>> _waiters = new();

    /// <summary>Something has changed for readers of a partition: more to read, another leader, a disk error.</summary>
    public void Signal(TopicPartition partition)
    {
        if (!_waiters.TryGetValue(partition, out var registrations))
        {
            return;
        }

        lock (registrations)
        {
            foreach (var (waiter, index) in registrations)
            {
                waiter.Signal(index);
            }
        }
    }

    /// <summary>Registers a waiter for partitions; it is signalled with the index in the list.</summary>
    public void Register(PartitionWaiter waiter, IReadOnlyList<TopicPartition> partitions)
    {
        for (var i = 0; i < partitions.Count; i++)
        {
            while (true)
            {
                var registrations = _waiters.GetOrAdd(partitions[i], static _ => []);
                lock (registrations)
                {
                    // A list that has become empty is taken out under its lock and is not used again.
                    if (_waiters.TryGetValue(partitions[i], out var current) && ReferenceEquals(current, registrations))
                    {
                        registrations.Add(new Registration(waiter, i));
                        break;
                    }
                }
            }
        }
    }

    /// <summary>Undoes <see cref="Register"/>.</summary>
    public void Unregister(PartitionWaiter waiter, IReadOnlyList<TopicPartition> partitions)
    {
        foreach (var partition in partitions)
        {
            if (!_waiters.TryGetValue(partition, out var registrations))
            {
                continue;
            }

            lock (registrations)
            {
                registrations.RemoveAll(registration => ReferenceEquals(registration.Waiter, waiter));
                if (registrations.Count == 0)
                {
                    _waiters.TryRemove(new KeyValuePair<TopicPartition, List<Registration>>(partition, registrations));
                }
            }
        }
    }

    private readonly record struct Registration(PartitionWaiter Waiter, int Index);
}
