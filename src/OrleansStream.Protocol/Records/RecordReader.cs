using OrleansStream.Protocol.Compression;

namespace OrleansStream.Protocol.Records;

/// <summary>
/// Reads the records of a batch without allocating: from the batch itself, or from a pooled buffer into which a
/// compressed one is expanded. Reusable: <see cref="Open"/> starts on the next batch. Not thread-safe. The position is
/// kept between calls, so a reader can live across awaits while its <see cref="RecordView"/>s cannot.
/// </summary>
public sealed class RecordReader : IDisposable
{
    private readonly RecordReaderOptions _options;
    private PooledBufferWriter? _decompressed;
    private RecordBatchHeader _header;
    private RecordParser _parser;

    /// <summary>Creates a reader that is not open on any batch: it has no records.</summary>
    public RecordReader(RecordReaderOptions? options = null) => _options = options ?? RecordReaderOptions.Default;

    /// <summary>The header of the batch.</summary>
    public RecordBatchHeader Header => _header;

    /// <summary>
    /// The plain records of the batch; positions in a <see cref="RecordView"/> are positions in it. The batch's own memory
    /// if it is not compressed, else the reader's, valid until the next <see cref="Open"/> or <see cref="Dispose"/>.
    /// </summary>
    public ReadOnlyMemory<byte> Records { get; private set; }

    /// <summary>The records that have not been read yet.</summary>
    public int RemainingRecords => _parser.Remaining;

    /// <summary>Starts on a batch. Its memory must stay as it is while its records are read.</summary>
    /// <param name="batch">Exactly one batch.</param>
    /// <exception cref="ProtocolException">
    /// <see cref="ErrorCode.CorruptMessage"/>: size or CRC is wrong, or decompression fails;
    /// <see cref="ErrorCode.InvalidRecord"/>: the header contradicts itself;
    /// <see cref="ErrorCode.UnsupportedForMessageFormat"/>: magic 0 or 1;
    /// <see cref="ErrorCode.MessageTooLarge"/>: the batch expands beyond the limits.
    /// </exception>
    /// <exception cref="CompressionUnavailableException">The library of the compression type is not installed.</exception>
    public void Open(ReadOnlyMemory<byte> batch)
    {
        Close();
        var header = ReadHeader(batch.Span, _options.CheckCrc);
        var records = batch[RecordBatchHeader.Size..];
        if (header.CompressionType != CompressionType.None && header.RecordCount > 0)
        {
            _decompressed ??= new PooledBufferWriter();
            _decompressed.Clear();
            _decompressed.MaxBytes = _options.DecompressionLimits.MaxBytesFor(records.Length);
            CompressionCodecs.Get(header.CompressionType).Decompress(records.Span, _decompressed);
            records = _decompressed.WrittenMemory;
        }

        if (header.RecordCount == 0 && records.Length > 0)
        {
            Malformed.Record($"The batch has no records but {records.Length} bytes after its header.");
        }

        _header = header;
        Records = records;
        _parser = new RecordParser(header.RecordCount);
    }

    /// <summary>Reads the next record; false after the last one.</summary>
    /// <exception cref="ProtocolException"><see cref="ErrorCode.InvalidRecord"/> or <see cref="ErrorCode.CorruptMessage"/>: the record is malformed.</exception>
    public bool TryRead(out RecordView record) => _parser.TryRead(Records.Span, in _header, out record);

    /// <summary>Goes back to the batch's first record; nothing is decompressed again.</summary>
    public void Rewind() => _parser = new RecordParser(_header.RecordCount);

    /// <summary>The key of a record of this batch, null if it has none: a slice of <see cref="Records"/>.</summary>
    public ReadOnlyMemory<byte>? GetKeyMemory(in RecordView record) => Slice(record.KeyPosition, record.KeyLength);

    /// <summary>The value of a record of this batch, null if it has none: a slice of <see cref="Records"/>.</summary>
    public ReadOnlyMemory<byte>? GetValueMemory(in RecordView record) => Slice(record.ValuePosition, record.ValueLength);

    /// <summary>Enumerates the records that have not been read yet.</summary>
    public Enumerator GetEnumerator() => new(this);

    /// <summary>Returns the memory to the pool. The reader can be opened again.</summary>
    public void Dispose()
    {
        Close();
        _decompressed?.Dispose();
    }

    internal static RecordBatchHeader ReadHeader(ReadOnlySpan<byte> batch, bool checkCrc)
    {
        if (!RecordBatchHeader.TryRead(batch, out var header))
        {
            Malformed.Corrupt($"The batch has {batch.Length} bytes; at least {RecordBatchHeader.Size} are possible.");
        }

        header.ValidateFraming(int.MaxValue).ThrowIfInvalid();
        if (header.TotalSize != batch.Length)
        {
            Malformed.Corrupt($"The batch says that it has {header.TotalSize} bytes; it has {batch.Length}.");
        }

        if (checkCrc)
        {
            var computed = RecordBatch.ComputeCrc(batch);
            if (computed != header.Crc)
            {
                Malformed.Corrupt($"The batch at offset {header.BaseOffset} has the CRC 0x{computed:x8}; it says 0x{header.Crc:x8}.");
            }
        }

        header.Validate().ThrowIfInvalid();
        return header;
    }

    private void Close()
    {
        _header = default;
        Records = default;
        _parser = default;
    }

    // A plain null would become empty memory here, by way of byte[].
    private ReadOnlyMemory<byte>? Slice(int position, int length) =>
        length < 0 ? default(ReadOnlyMemory<byte>?) : Records.Slice(position, length);

    /// <summary>Walks over the records.</summary>
    public ref struct Enumerator
    {
        private readonly RecordReader _reader;
        private readonly ReadOnlySpan<byte> _records;
        private RecordView _current;

        internal Enumerator(RecordReader reader)
        {
            _reader = reader;
            _records = reader.Records.Span;
        }

        /// <summary>The record at the enumerator's place.</summary>
        public readonly RecordView Current => _current;

        /// <summary>Goes to the next record; false at the end.</summary>
        /// <exception cref="ProtocolException">The record is malformed.</exception>
        public bool MoveNext() => _reader._parser.TryRead(_records, in _reader._header, out _current);
    }
}
