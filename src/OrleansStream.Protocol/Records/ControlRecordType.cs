namespace OrleansStream.Protocol.Records;

/// <summary>What a control record says (KIP-98): the second field of its key.</summary>
public enum ControlRecordType : short
{
    /// <summary>The transaction's records are void.</summary>
    Abort = 0,

    /// <summary>The transaction's records count.</summary>
    Commit = 1,
}
