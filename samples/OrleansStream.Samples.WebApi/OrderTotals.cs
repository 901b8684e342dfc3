using System.Collections.Concurrent;

namespace OrleansStream.Samples.WebApi;

/// <summary>What each customer has ordered, in memory: it is rebuilt from the topic at every start.</summary>
internal sealed class OrderTotals
{
    private readonly ConcurrentDictionary<string, decimal> _totals = new(StringComparer.Ordinal);

    public void Add(OrderPlaced order) => _totals.AddOrUpdate(order.Customer, order.Price, (_, total) => total + order.Price);

    public IReadOnlyDictionary<string, decimal> Snapshot() => _totals.OrderBy(entry => entry.Key, StringComparer.Ordinal).ToDictionary();
}
