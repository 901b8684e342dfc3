namespace OrleansStream.Metadata;

/// <summary>One operation of a multi.</summary>
public abstract record MultiOperation
{
    private MultiOperation(string path) => Path = path;

    /// <summary>The node that it is about.</summary>
    public string Path { get; }

    /// <summary>Creates a node.</summary>
    public sealed record Create : MultiOperation
    {
        /// <summary>Creates <paramref name="path"/> with <paramref name="data"/>.</summary>
        public Create(string path, ReadOnlyMemory<byte> data, CreateMode mode = CreateMode.Persistent)
            : base(path)
            => (Data, Mode) = (data, mode);

        /// <summary>The data; not to be changed until the call has ended.</summary>
        public ReadOnlyMemory<byte> Data { get; }

        /// <summary>How to create it.</summary>
        public CreateMode Mode { get; }
    }

    /// <summary>Deletes a node.</summary>
    public sealed record Delete : MultiOperation
    {
        /// <summary>Deletes <paramref name="path"/> if it has that version; -1 matches any.</summary>
        public Delete(string path, int version)
            : base(path)
            => Version = version;

        /// <summary>The expected version.</summary>
        public int Version { get; }
    }

    /// <summary>Sets a node's data.</summary>
    public sealed record SetData : MultiOperation
    {
        /// <summary>Sets the data of <paramref name="path"/> if it has that version; -1 matches any.</summary>
        public SetData(string path, ReadOnlyMemory<byte> data, int version)
            : base(path)
            => (Data, Version) = (data, version);

        /// <summary>The data; not to be changed until the call has ended.</summary>
        public ReadOnlyMemory<byte> Data { get; }

        /// <summary>The expected version.</summary>
        public int Version { get; }
    }

    /// <summary>Lets the whole multi fail unless a node has a version.</summary>
    public sealed record Check : MultiOperation
    {
        /// <summary>Demands that <paramref name="path"/> exists with that version; -1 matches any.</summary>
        public Check(string path, int version)
            : base(path)
            => Version = version;

        /// <summary>The expected version.</summary>
        public int Version { get; }
    }
}
