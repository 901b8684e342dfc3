namespace OrleansStream.Client;

/// <summary>How a producer works. The defaults favour durability and throughput; Kafka's key stands with each.</summary>
public class ProducerOptions
{
    /// <summary>How durable a record must be to count as delivered (<c>acks</c>). Default: all in-sync replicas.</summary>
    public Acks Acks { get; set; } = Acks.All;

    /// <summary>
    /// Whether the broker recognizes retried batches, so that no retry duplicates or reorders (<c>enable.idempotence</c>,
    /// KIP-98). Null, the default, means: whenever <see cref="Acks"/> is all, which it needs. Without it a retry can duplicate,
    /// and batches that are under way together can be stored in another order: then only a
    /// <see cref="MaxInFlightPerPartition"/> of 1 keeps it.
    /// </summary>
    public bool? EnableIdempotence { get; set; }

    /// <summary>
    /// The most bytes in one batch (<c>batch.size</c>). Default 1 MiB, just under the default <c>max.message.bytes</c>:
    /// a batch is not waited for until it is full, it grows while earlier ones are under way, so that a large limit costs
    /// nothing at low rates; and a call to a broker costs as much as some thousand records. Memory is taken as the batch
    /// grows, not at once. Where a topic allows less, batches are split and the limit is learnt.
    /// </summary>
    public int BatchSize { get; set; } = 1024 * 1024;

    /// <summary>
    /// How long a batch that is not full waits for more, in milliseconds (<c>linger.ms</c>). Default 0: it is sent at once
    /// if nothing of its partition is under way, else as soon as that has been answered. So batches grow by themselves
    /// under load, and a lone record never waits.
    /// </summary>
    public int LingerMs { get; set; }

    /// <summary>
    /// The most batches of one partition under way at once (<c>max.in.flight.requests.per.connection</c>); at most 5 with
    /// idempotence. Default 5.
    /// </summary>
    public int MaxInFlightPerPartition { get; set; } = 5;

    /// <summary>
    /// The most memory for records that are not delivered yet, in bytes (<c>buffer.memory</c>). When it is taken, sending
    /// waits. Default 64 MiB.
    /// </summary>
    public long MaxBufferBytes { get; set; } = 64L * 1024 * 1024;

    /// <summary>
    /// The largest record, in bytes of the batch that it fills alone, before compression (<c>max.request.size</c>).
    /// Default 1 MiB. Raise the topic's <c>max.message.bytes</c> with it.
    /// </summary>
    public int MaxRecordBytes { get; set; } = 1024 * 1024;

    /// <summary>How batches are compressed (<c>compression.type</c>). Default none.</summary>
    public CompressionType Compression { get; set; } = CompressionType.None;

    /// <summary>
    /// How long a record may take from being buffered to being delivered, retries included (<c>delivery.timeout.ms</c>).
    /// Default 2 minutes.
    /// </summary>
    public TimeSpan DeliveryTimeout { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>How long one attempt may take (<c>request.timeout.ms</c>). Default 30 s.</summary>
    public TimeSpan RequestTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long sending may wait for room in the buffer or for an unknown topic (<c>max.block.ms</c>). Default 60 s.</summary>
    public TimeSpan MaxBlock { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>The wait before the first retry; it doubles from there, with jitter (<c>retry.backoff.ms</c>). Default 50 ms.</summary>
    public TimeSpan RetryBackoff { get; set; } = TimeSpan.FromMilliseconds(50);

    /// <summary>The longest wait between retries (<c>retry.backoff.max.ms</c>). Default 1 s.</summary>
    public TimeSpan RetryBackoffMax { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How long disposing may take to flush; what is not delivered by then fails. Default 30 s.</summary>
    public TimeSpan DisposeTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Whether a topic that is not there may be created by producing to it, if the broker's
    /// <c>auto.create.topics.enable</c> allows it. Default true.
    /// </summary>
    public bool AllowAutoTopicCreation { get; set; } = true;

    /// <summary>
    /// Whether a current <see cref="System.Diagnostics.Activity"/> is passed on in the headers <c>traceparent</c> and
    /// <c>tracestate</c> (W3C Trace Context). Default true.
    /// </summary>
    public bool PropagateTraceContext { get; set; } = true;

    /// <summary>
    /// Takes the failures of records that were sent without handler, one call for each record. Null for none. Called as
    /// <see cref="DeliveryHandler"/> describes.
    /// </summary>
    public DeliveryHandler? OnDeliveryFailed { get; set; }
}
