namespace OrleansStream.Client;

/// <summary>When an enumeration of records ends by itself.</summary>
public enum ConsumeUntil : byte
{
    /// <summary>Never: it waits for new records until it is cancelled.</summary>
    Cancelled,

    /// <summary>
    /// When every assigned partition has been read up to the end that it had when the enumeration began. Records that come
    /// later may be among those returned.
    /// </summary>
    CurrentEnd,
}
