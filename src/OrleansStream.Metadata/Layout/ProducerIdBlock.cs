namespace OrleansStream.Metadata.Layout;

/// <summary>Producer ids that one broker may hand out (KIP-98).</summary>
/// <param name="BrokerId">The broker.</param>
/// <param name="First">The first id.</param>
/// <param name="Last">The last id.</param>
public sealed record ProducerIdBlock(int BrokerId, long First, long Last)
{
    /// <summary>The number of ids in a block.</summary>
    public const int Size = 1000;
}
