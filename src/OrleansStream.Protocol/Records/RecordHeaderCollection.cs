namespace OrleansStream.Protocol.Records;

/// <summary>The headers of a record where they lie in it, in order; already checked when the record was read.</summary>
public readonly ref struct RecordHeaderCollection
{
    private readonly ReadOnlySpan<byte> _encoded;

    internal RecordHeaderCollection(ReadOnlySpan<byte> encoded, int count)
    {
        _encoded = encoded;
        Count = count;
    }

    /// <summary>The number of headers.</summary>
    public int Count { get; }

    /// <summary>Enumerates the headers without allocation.</summary>
    public Enumerator GetEnumerator() => new(_encoded, Count);

    /// <summary>Finds the last header of a name, as Kafka's <c>lastHeader</c> does; false if there is none.</summary>
    public bool TryGetLast(ReadOnlySpan<byte> keyUtf8, out RecordHeaderView header)
    {
        header = default;
        var found = false;
        foreach (var candidate in this)
        {
            if (candidate.KeyUtf8.SequenceEqual(keyUtf8))
            {
                header = candidate;
                found = true;
            }
        }

        return found;
    }

    /// <summary>Copies that outlive the buffer (allocates).</summary>
    public RecordHeader[] ToArray()
    {
        if (Count == 0)
        {
            return [];
        }

        var result = new RecordHeader[Count];
        var index = 0;
        foreach (var header in this)
        {
            result[index++] = header.ToHeader();
        }

        return result;
    }

    /// <summary>Walks over the headers.</summary>
    public ref struct Enumerator
    {
        private RecordFieldReader _reader;
        private int _remaining;

        internal Enumerator(ReadOnlySpan<byte> encoded, int count)
        {
            _reader = new RecordFieldReader(encoded);
            _remaining = count;
        }

        /// <summary>The header at the enumerator's place.</summary>
        public RecordHeaderView Current { get; private set; }

        /// <summary>Goes to the next header; false at the end.</summary>
        public bool MoveNext()
        {
            if (_remaining == 0)
            {
                return false;
            }

            _remaining--;
            var key = _reader.ReadHeaderKey();
            Current = new RecordHeaderView(key, _reader.ReadNullable("header value"));
            return true;
        }
    }
}
