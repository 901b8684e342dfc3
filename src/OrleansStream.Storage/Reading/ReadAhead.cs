namespace OrleansStream.Storage.Reading;

/// <summary>Batches that are, or will be, in memory for a reader that is expected.</summary>
/// <param name="Offset">The offset that the reader will ask for.</param>
/// <param name="ReservedBytes">What it takes of the budget.</param>
/// <param name="Version">The log's version that it belongs to.</param>
/// <param name="Fill">The batches; none if they could not be read.</param>
/// <param name="Since">When it was started or last used.</param>
internal sealed record ReadAhead(long Offset, int ReservedBytes, int Version, Task<FoundBatches> Fill, long Since);
