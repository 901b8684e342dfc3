using Microsoft.Extensions.Logging;
using OrleansStream.Abstractions;
using OrleansStream.Core.Configuration;
using OrleansStream.Core.Groups;
using OrleansStream.Core.Groups.Records;
using OrleansStream.Protocol.Kafka;
using OrleansStream.Protocol.Records;

namespace OrleansStream.Grains.Groups;

/// <content>
/// Appends. One is under way at a time; what comes meanwhile goes out together in the next, so that a flush serves many commits. The
/// records of one step are never parted, unless they may be.
/// </content>
internal sealed partial class OpenCoordinator
{
    private const short AcksAll = -1;
    private const int TargetBatchBytes = 256 * 1024;

    // Of what may be parted, which keeps a part with the longest names below the limit of a batch.
    private const int RecordsPerPart = 100;

    // Well below the time after which a call is given up, so that the outcome of an append is known.
    private const int MaxAppendWaitMs = 20_000;

    private readonly Queue<GroupEffects> _steps = new();

    // The answers that wait for the append under way, null while there is none; and those that only show what was before it.
    private List<GroupAnswer>? _held;
    private List<GroupAnswer> _showing = [];

    // The log has records that the machine has replayed, but not all in-sync replicas had them in time: another leader may not know them.
    private bool _hasUncommitted;

    /// <summary>Completes when no append is under way any more, in the log or not. Before that nobody else may read the log as the last word.</summary>
    public Task Appending { get; private set; } = Task.CompletedTask;

    private void CarryOut(GroupEffects effects)
    {
        if (effects.Records.Count > 0)
        {
            Enqueue(effects);
            if (_held is null)
            {
                Appending = AppendAsync();
            }
        }
        else if (effects.Answers.Count > 0)
        {
            AnswerWhenDurable(effects);
        }

        ArmTimer();
    }

    private void Enqueue(GroupEffects effects)
    {
        if (!effects.MayBeParted || effects.Records.Count <= RecordsPerPart)
        {
            _steps.Enqueue(effects);
            return;
        }

        var parts = effects.Records.Chunk(RecordsPerPart).ToList();
        foreach (var part in parts.SkipLast(1))
        {
            _steps.Enqueue(new GroupEffects(part, []));
        }

        _steps.Enqueue(new GroupEffects(parts[^1], effects.Answers));
    }

    /// <summary>Answers of a step without records: they may still show what earlier steps have brought about.</summary>
    private void AnswerWhenDurable(GroupEffects effects)
    {
        var showing = effects.Answers.Where(answer => answer.ShowsState).ToList();
        foreach (var (ticket, response, _) in effects.Answers.Where(answer => !answer.ShowsState))
        {
            Settle(ticket, GroupOutcome.Of(response));
        }

        if (showing.Count == 0)
        {
            return;
        }

        if (_held is not null && _steps.Count == 0)
        {
            _showing.AddRange(showing);
        }
        else if (_held is not null)
        {
            _steps.Enqueue(new GroupEffects([], showing));
        }
        else if (_hasUncommitted || !IsInOffice())
        {
            _steps.Enqueue(new GroupEffects([], showing));
            Appending = AppendAsync();
        }
        else
        {
            foreach (var (ticket, response, _) in showing)
            {
                Settle(ticket, GroupOutcome.Of(response));
            }
        }
    }

    /// <summary>Appends until nothing is left to append. Never fails: a failed append is answered.</summary>
    private async Task AppendAsync()
    {
        while (!IsClosed && _steps.Count > 0)
        {
            (_held, _showing) = ([], []);
            var (error, isInLog) = await AppendOnceAsync();
            var (held, showing) = (_held, _showing);
            _held = null;
            if (error == ErrorCode.None && showing.Count > 0 && !IsInOffice())
            {
                // What has come back from the replicas may have been on its way for long.
                _steps.Enqueue(new GroupEffects([], showing));
                showing = [];
            }

            foreach (var (ticket, response, _) in held.Concat(showing))
            {
                Settle(ticket, error == ErrorCode.None ? GroupOutcome.Of(response) : GroupOutcome.Failed(ToAnswer(error)));
            }

            if (error != ErrorCode.None && !isInLog && !IsClosed)
            {
                // The machine has replayed what the log did not take.
                LogAppendFailed(_services.Logger, _machine.GroupCount, LeaderEpoch, error);
                Close();
                _onFailed();
            }
        }
    }

    /// <summary>One append of what has come by now; completes when all that the machine has replayed so far is committed, or with an error.</summary>
    /// <returns>The error, and whether the log has the records nevertheless.</returns>
    private async Task<(ErrorCode Error, bool IsInLog)> AppendOnceAsync()
    {
        using var builder = new RecordBatchBuilder(initialCapacity: 1024);
        using var key = new KafkaWriter();
        using var value = new KafkaWriter();
        var now = _services.Now.WallMs;
        while (_steps.TryPeek(out var step) && (builder.IsEmpty || builder.SizeInBytes < TargetBatchBytes))
        {
            _steps.Dequeue();
            foreach (var record in step.Records)
            {
                Append(builder, record, now, key, value);
            }

            (step.Records.Count > 0 ? _held! : _showing).AddRange(step.Answers);
        }

        var timeoutMs = Math.Min(_services.Configs.Broker.Get(BrokerConfigKeys.OffsetsCommitTimeoutMs), MaxAppendWaitMs);
        try
        {
            if (builder.IsEmpty)
            {
                var error = await AwaitOfficeAsync(timeoutMs);
                return (error, IsPassing(error));
            }

            // Not given back when the call fails: the batch may be waiting for room in the log still.
            var batch = builder.Close();
            var response = await _partition.ProduceAsync(
                new PartitionProduceRequest(batch.Memory, AcksAll, timeoutMs, null, LeaderEpoch), CancellationToken.None);
            batch.Dispose();
            _hasUncommitted = response.Error != ErrorCode.None;
            return (response.Error, response.BaseOffset >= 0 && IsPassing(response.Error));
        }
        catch (Exception exception)
        {
            // Whether it was appended is unknown.
            LogAppendThrew(_services.Logger, exception, LeaderEpoch);
            return (ErrorCode.UnknownServerError, IsInLog: false);
        }
    }

    /// <summary>Whether the leader goes on leading with what it has appended, which may be committed later.</summary>
    private static bool IsPassing(ErrorCode error) => error is ErrorCode.RequestTimedOut or ErrorCode.NotEnoughReplicasAfterAppend;

    private static void Append(RecordBatchBuilder builder, CoordinatorRecord record, long timestampMs, KafkaWriter key, KafkaWriter value)
    {
        key.Reset();
        CoordinatorRecordCodec.WriteKey(key, record);
        if (record.Value is null)
        {
            builder.Append(timestampMs, key.ToArray(), NullableSpan.Null);
            return;
        }

        value.Reset();
        CoordinatorRecordCodec.WriteValue(value, record);
        builder.Append(timestampMs, key.ToArray(), value.ToArray());
    }

    /// <summary>Kafka's word to a client for a failed append.</summary>
    private static ErrorCode ToAnswer(ErrorCode error) => error switch
    {
        ErrorCode.NotLeaderOrFollower or ErrorCode.KafkaStorageError or ErrorCode.FencedLeaderEpoch or ErrorCode.UnknownLeaderEpoch
            or ErrorCode.UnknownServerError => ErrorCode.NotCoordinator,
        ErrorCode.MessageTooLarge or ErrorCode.RecordListTooLarge => ErrorCode.UnknownServerError,
        _ => ErrorCode.CoordinatorNotAvailable,
    };

    [LoggerMessage(11, LogLevel.Warning, "A coordinator of {Groups} groups in leader epoch {LeaderEpoch} stops and loads again, since its records were not taken: {Error}")]
    private static partial void LogAppendFailed(ILogger logger, int groups, int leaderEpoch, ErrorCode error);

    [LoggerMessage(12, LogLevel.Error, "The append of a group coordinator in leader epoch {LeaderEpoch} failed")]
    private static partial void LogAppendThrew(ILogger logger, Exception exception, int leaderEpoch);
}
