namespace OrleansStream.Client;

/// <summary>What to do when a partition does not have the offset that is wanted (<c>auto.offset.reset</c>).</summary>
public enum AutoOffsetReset : byte
{
    /// <summary>Go on at the first offset that is there.</summary>
    Earliest,

    /// <summary>Go on at the end.</summary>
    Latest,

    /// <summary>Throw <see cref="OffsetOutOfRangeException"/>, which holds the valid range.</summary>
    None,
}
