namespace OrleansStream.Storage.Reading;

/// <summary>What a read found.</summary>
/// <param name="Records">The batches.</param>
/// <param name="FirstAddress">The address of the first batch.</param>
/// <param name="NextOffset">The offset after the last batch.</param>
/// <param name="NextAddress">Where the batch after the last one stands, or the padding before it.</param>
/// <param name="IsAtEnd">Nothing more can be returned whatever follows.</param>
/// <param name="IsStale">The files that were read are gone: the read has to be planned anew.</param>
internal readonly record struct FoundBatches(
    ReadOnlyMemory<byte> Records, long FirstAddress, long NextOffset, long NextAddress, bool IsAtEnd, bool IsStale = false);
