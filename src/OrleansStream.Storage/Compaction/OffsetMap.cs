namespace OrleansStream.Storage.Compaction;

/// <summary>
/// The last offset of each key, by the key's hash: <see cref="SlotBytes"/> bytes for a key however long it is, in a table of
/// fixed size. Not thread-safe.
/// </summary>
/// <remarks>Open addressing with double hashing over a prime number of slots, of which nine tenths are used at most.</remarks>
internal sealed class OffsetMap
{
    /// <summary>The memory that a key takes: 128 bits of hash and the offset.</summary>
    public const int SlotBytes = 24;

    private const long Free = -1;
    private const int MinSlots = 3;

    private readonly KeyHash _hash = KeyHash.WithRandomSecret();
    private readonly Slot[] _slots;
    private readonly int _slotCount;

    private OffsetMap(Slot[] slots, int slotCount)
    {
        _slots = slots;
        _slotCount = slotCount;
        Capacity = Math.Max(1, (int)(slotCount * 0.9));
        _slots.AsSpan(0, slotCount).Fill(new Slot(0, 0, Free));
    }

    /// <summary>The most keys that it takes.</summary>
    public int Capacity { get; }

    /// <summary>The keys that it holds.</summary>
    public int Count { get; private set; }

    /// <summary>The last offset that was taken in, of whatever key; -1 in a new map.</summary>
    public long LatestOffset { get; private set; } = -1;

    /// <summary>Makes a map in memory that can be used again afterwards.</summary>
    /// <param name="memory">Where the slots are; replaced by a larger array if need be.</param>
    /// <param name="maxBytes">The most memory to take.</param>
    /// <param name="maxKeys">More keys than this do not come.</param>
    public static OffsetMap Create(ref Slot[] memory, long maxBytes, long maxKeys)
    {
        var wanted = Math.Min(maxBytes / SlotBytes, (long)(maxKeys / 0.85) + 16);
        var slotCount = PrimeAtMost((int)Math.Clamp(wanted, MinSlots, Array.MaxLength));
        if (memory.Length < slotCount)
        {
            memory = GC.AllocateUninitializedArray<Slot>(slotCount);
        }

        return new OffsetMap(memory, slotCount);
    }

    /// <summary>Notes a key's offset, which is larger than all before; false, and nothing has changed, if there is no room for another key.</summary>
    public bool TryPut(ReadOnlySpan<byte> key, long offset)
    {
        ref var slot = ref Find(key, out var low, out var high);
        if (slot.Offset == Free)
        {
            if (Count == Capacity)
            {
                return false;
            }

            Count++;
        }

        slot = new Slot(low, high, offset);
        LatestOffset = offset;
        return true;
    }

    /// <summary>Everything up to an offset was taken in, though the last records may have had no key.</summary>
    public void AdvanceTo(long offset) => LatestOffset = Math.Max(LatestOffset, offset);

    /// <summary>The last offset of a key; -1 if it was not seen.</summary>
    public long Get(ReadOnlySpan<byte> key) => Find(key, out _, out _).Offset;

    private ref Slot Find(ReadOnlySpan<byte> key, out ulong low, out ulong high)
    {
        (low, high) = _hash.Of(key);
        var slots = _slots.AsSpan(0, _slotCount);
        var position = (int)(low % (ulong)slots.Length);
        var step = 1 + (int)(high % (ulong)(slots.Length - 1));
        while (true)
        {
            ref var slot = ref slots[position];
            if (slot.Offset == Free || (slot.Low == low && slot.High == high))
            {
                return ref slot;
            }

            position -= step;
            if (position < 0)
            {
                position += slots.Length;
            }
        }
    }

    private static int PrimeAtMost(int number)
    {
        while (!IsPrime(number))
        {
            number--;
        }

        return number;
    }

    private static bool IsPrime(int number)
    {
        for (var divisor = 2; (long)divisor * divisor <= number; divisor++)
        {
            if (number % divisor == 0)
            {
                return false;
            }
        }

        return number > 1;
    }

    /// <summary>A key's hash and last offset.</summary>
    internal readonly record struct Slot(ulong Low, ulong High, long Offset);
}
