namespace OrleansStream.Client;

/// <summary>Chooses partitions. Implementations must be safe for concurrent calls.</summary>
public interface IPartitioner
{
    /// <summary>Chooses the partition of a record that names none itself.</summary>
    /// <returns>A number from 0 to <see cref="PartitionerContext.PartitionCount"/> - 1; another one fails the record.</returns>
    int SelectPartition(in PartitionerContext context);
}
