using System.Globalization;
using OrleansStream.Cli.Invocation;
using OrleansStream.Cli.Terminal;
using OrleansStream.Client;

namespace OrleansStream.Cli.Records;

/// <summary>Reads records and writes them until the end, the limit, or Ctrl-C.</summary>
internal static class RecordPrinter
{
    /// <summary>Reads and writes. Ctrl-C is a normal end: what was read is written.</summary>
    /// <exception cref="OutputClosedException">Nobody reads the output any more.</exception>
    public static async Task RunAsync(
        IOrleansStreamClient client,
        ConsumeRequest request,
        IRecordFormat format,
        RecordWriter writer,
        CommandEnvironment environment,
        CancellationToken cancellationToken)
    {
        if (request.MaxRecords == 0)
        {
            return;
        }

        var consumer = client.CreateConsumer<ReadOnlyMemory<byte>?, ReadOnlyMemory<byte>?>(options =>
        {
            options.AutoOffsetReset = request.Group is null ? AutoOffsetReset.None
                : request.Start == OffsetSpec.Earliest ? AutoOffsetReset.Earliest : AutoOffsetReset.Latest;
            options.GroupId = request.Group;
            options.EnableAutoCommit = false;
            options.GroupProtocol = request.GroupProtocol;
            if (request.Assignors.Count > 0)
            {
                options.Assignors = [.. request.Assignors];
            }

            options.ClientId = "ostream";
        });
        await using var disposal = consumer.ConfigureAwait(false);
        var progress = request.Group is null ? null : new GroupProgress(consumer, writer, environment.Time);
        try
        {
            await StartAsync(client.Admin, consumer, request, progress, cancellationToken).ConfigureAwait(false);
            await CopyAsync(consumer, request, format, writer, environment, progress, cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Ctrl-C: the records that were handed out are on their way below.
        }

        writer.Flush();
        if (progress is not null)
        {
            await progress.FinishAsync(CancellationToken.None).ConfigureAwait(false);
        }
    }

    private static async Task StartAsync(
        IAdminClient admin,
        IConsumer<ReadOnlyMemory<byte>?, ReadOnlyMemory<byte>?> consumer,
        ConsumeRequest request,
        GroupProgress? progress,
        CancellationToken cancellationToken)
    {
        var topic = (await admin.DescribeTopicsAsync([request.Topic], cancellationToken).ConfigureAwait(false))[0];
        if (topic.Error == ErrorCode.UnknownTopicOrPartition)
        {
            throw new CommandFailedException($"there is no topic '{request.Topic}'; create it with: ostream topics create {request.Topic}");
        }

        if (topic.Error != ErrorCode.None)
        {
            throw new CommandFailedException($"topic '{request.Topic}' cannot be read: {topic.Error}.");
        }

        if (progress is not null)
        {
            consumer.Subscribe([request.Topic], progress);
            return;
        }

        var count = topic.Partitions.Length;
        if (request.Partition >= count)
        {
            throw new CommandFailedException(string.Create(
                CultureInfo.InvariantCulture,
                $"topic '{request.Topic}' has no partition {request.Partition}; it has {(count == 1 ? "only 0" : $"0 to {count - 1}")}."));
        }

        if (request.OffsetIsGiven && request.Partition is null && count > 1)
        {
            throw CommandFailedException.Usage($"--offset needs --partition: topic '{request.Topic}' has {count} partitions, each with offsets of its own.");
        }

        var partitions = request.Partition is { } only ? [only] : Enumerable.Range(0, count);
        consumer.Assign(partitions.Select(partition => new TopicPartitionOffset(request.Topic, partition, request.Start)));
        if (request.OffsetIsGiven)
        {
            await CheckOffsetAsync(consumer, new TopicPartition(request.Topic, request.Partition ?? 0), request.Start.Offset, cancellationToken).ConfigureAwait(false);
        }
    }

    // With --exit-at-end an offset beyond the end would otherwise look like a partition without records.
    private static async Task CheckOffsetAsync(
        IConsumer<ReadOnlyMemory<byte>?, ReadOnlyMemory<byte>?> consumer, TopicPartition partition, long offset, CancellationToken cancellationToken)
    {
        var ends = await consumer.QueryWatermarksAsync(partition, cancellationToken).ConfigureAwait(false);
        if (offset < ends.LogStartOffset || offset > ends.HighWatermark)
        {
            throw new OffsetOutOfRangeException(partition, offset, ends.LogStartOffset, ends.HighWatermark);
        }
    }

    private static async Task CopyAsync(
        IConsumer<ReadOnlyMemory<byte>?, ReadOnlyMemory<byte>?> consumer,
        ConsumeRequest request,
        IRecordFormat format,
        RecordWriter writer,
        CommandEnvironment environment,
        GroupProgress? group,
        CancellationToken cancellationToken)
    {
        using var progress = environment.StartProgress();
        var until = request.ExitAtEnd ? ConsumeUntil.CurrentEnd : ConsumeUntil.Cancelled;
        var batches = consumer.ConsumeBatchesAsync(until, cancellationToken).GetAsyncEnumerator(cancellationToken);
        await using var disposal = batches.ConfigureAwait(false);
        var left = request.MaxRecords ?? long.MaxValue;
        long records = 0;
        long bytes = 0;
        while (left > 0)
        {
            var next = batches.MoveNextAsync();
            if (!next.IsCompleted)
            {
                // About to wait: whoever reads the output sees everything that there is.
                writer.Flush();
                group?.CommitSoon();
            }

            if (!await next.ConfigureAwait(false))
            {
                break;
            }

            foreach (var record in batches.Current)
            {
                format.Write(record);
                group?.Written(record);
                records++;
                bytes += record.Value.GetValueOrDefault().Length;
                if (--left == 0)
                {
                    break;
                }
            }

            if (group is not null)
            {
                await group.CommitIfDueAsync(cancellationToken).ConfigureAwait(false);
            }

            progress.Report(records, bytes);
        }
    }
}
