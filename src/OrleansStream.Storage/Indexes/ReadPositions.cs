namespace OrleansStream.Storage.Indexes;

/// <summary>Where the latest reads ended, so that sequential readers start exactly there. Not thread-safe.</summary>
internal sealed class ReadPositions
{
    private const int Capacity = 16;

    private readonly (long Offset, long Address)[] _positions = new (long, long)[Capacity];
    private int _count;
    private int _next;

    public bool TryGet(long offset, out long address)
    {
        for (var i = 0; i < _count; i++)
        {
            if (_positions[i].Offset == offset)
            {
                address = _positions[i].Address;
                return true;
            }
        }

        address = 0;
        return false;
    }

    public void Set(long offset, long address)
    {
        for (var i = 0; i < _count; i++)
        {
            if (_positions[i].Offset == offset)
            {
                _positions[i].Address = address;
                return;
            }
        }

        _positions[_next] = (offset, address);
        _next = (_next + 1) % Capacity;
        _count = Math.Max(_count, _next == 0 ? Capacity : _next);
    }

    public void Clear()
    {
        _count = 0;
        _next = 0;
    }
}
