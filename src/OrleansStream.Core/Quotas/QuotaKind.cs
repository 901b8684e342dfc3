namespace OrleansStream.Core.Quotas;

/// <summary>What is metered.</summary>
public enum QuotaKind
{
    /// <summary>Bytes of produce requests; <see cref="QuotaKeys.ProducerByteRate"/>.</summary>
    Produce = 0,

    /// <summary>Bytes of records in answers to fetches; <see cref="QuotaKeys.ConsumerByteRate"/>.</summary>
    Fetch = 1,
}
