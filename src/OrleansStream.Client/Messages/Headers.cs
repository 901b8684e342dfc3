using System.Collections;
using System.Runtime.InteropServices;
using System.Text;
using OrleansStream.Protocol.Records;

namespace OrleansStream.Client;

/// <summary>A record's headers (KIP-82): ordered, names may repeat. Not thread-safe.</summary>
public sealed class Headers : IReadOnlyList<RecordHeader>
{
    private readonly List<RecordHeader> _items;

    /// <summary>Headers with nothing in them.</summary>
    public Headers() => _items = [];

    /// <summary>A copy of the given headers.</summary>
    public Headers(IEnumerable<RecordHeader> headers)
    {
        ArgumentNullException.ThrowIfNull(headers);
        _items = [.. headers];
    }

    internal ReadOnlySpan<RecordHeader> Span => CollectionsMarshal.AsSpan(_items);

    /// <inheritdoc/>
    public int Count => _items.Count;

    /// <inheritdoc/>
    public RecordHeader this[int index] => _items[index];

    /// <summary>Adds a header at the end. The value is not copied: it must not change until the record is buffered.</summary>
    public Headers Add(string key, ReadOnlyMemory<byte>? value)
    {
        ArgumentNullException.ThrowIfNull(key);
        _items.Add(new RecordHeader(key, value));
        return this;
    }

    /// <summary>Adds a header whose value is the UTF-8 of a text.</summary>
    public Headers Add(string key, string? value)
        => Add(key, value is null ? null : (ReadOnlyMemory<byte>?)Encoding.UTF8.GetBytes(value));

    /// <summary>Removes every header of the name; returns how many there were.</summary>
    public int Remove(string key) => _items.RemoveAll(header => header.Key == key);

    /// <summary>The last header of the name, which is the one that counts by Kafka's convention.</summary>
    public bool TryGetLast(string key, out RecordHeader header)
    {
        for (var i = _items.Count - 1; i >= 0; i--)
        {
            if (_items[i].Key == key)
            {
                header = _items[i];
                return true;
            }
        }

        header = default;
        return false;
    }

    /// <inheritdoc/>
    public IEnumerator<RecordHeader> GetEnumerator() => _items.GetEnumerator();

    /// <inheritdoc/>
    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
