namespace OrleansStream.Metadata;

/// <summary>The store cannot do its work: the base of all its exceptions. Outcomes of the tree are <see cref="MetadataError"/>s instead.</summary>
public class MetadataStoreException : IOException
{
    /// <summary>Says what is wrong.</summary>
    public MetadataStoreException(string message)
        : base(message)
    {
    }

    /// <summary>Says what is wrong and what caused it.</summary>
    public MetadataStoreException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
