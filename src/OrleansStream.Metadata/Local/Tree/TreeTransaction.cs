using System.Collections.Immutable;

namespace OrleansStream.Metadata.Local;

/// <summary>Changes that happen together.</summary>
internal sealed record TreeTransaction(long Zxid, long TimeMs, ImmutableArray<TreeChange> Changes);
