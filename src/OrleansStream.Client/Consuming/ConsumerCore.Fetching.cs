using OrleansStream.Abstractions;

namespace OrleansStream.Client;

/// <content>Fetching ahead: which partitions to ask which broker for, and what the answers mean.</content>
internal sealed partial class ConsumerCore
{
    // One request per broker usually carries all of its partitions. Those that had no room when it was sent ask by a
    // request of their own once they have, up to this many at a time; then the oldest is ended so that they join again.
    private const int MaxFetchesPerBroker = 2;

    private static readonly TimeSpan RegroupAfter = TimeSpan.FromMilliseconds(20);

    /// <summary>How much longer than its wait a fetch from a replica that does not lead may take before the leader is asked again.</summary>
    private static readonly TimeSpan FollowerPatience = TimeSpan.FromSeconds(3);

    private readonly Dictionary<int, List<Fetch>> _fetches = [];
    private ITimer? _regroupTimer;
    private long _reservedBytes;
    private bool _isWaitingForRoom;

    private bool IsFull(ConsumerPartition partition) => partition.BufferedBytes >= Options.MaxPartitionFetchBytes;

    /// <summary>Whether another fetch fits. With nothing fetched at all it always does, so that a large batch gets through.</summary>
    private bool HasRoom()
    {
        var taken = _bufferedBytes + _reservedBytes;
        return taken == 0 || Options.MaxPrefetchBytes - taken >= Math.Min(Options.MaxPartitionFetchBytes, Options.MaxPrefetchBytes / 2);
    }

    /// <summary>Starts every request that the state of the partitions asks for.</summary>
    private void Pump()
    {
        List<(ConsumerPartition Partition, int Version)>? resolves = null;
        List<Fetch>? fetches = null;
        lock (_gate)
        {
            if (!_isStarted || _isDisposed)
            {
                return;
            }

            Dictionary<int, List<ConsumerPartition>>? byBroker = null;
            foreach (var partition in _partitions.Values)
            {
                if (partition.IsResolving || partition.IsFetching || partition.IsHalted || partition.IsPaused)
                {
                    continue;
                }

                if (!partition.HasLeader || !partition.HasPosition)
                {
                    partition.IsResolving = true;
                    (resolves ??= []).Add((partition, partition.Version));
                }
                else if (!IsFull(partition))
                {
                    if (partition.ReadReplica >= 0 && Time.GetElapsedTime(partition.ReadReplicaSince) >= Context.Options.MetadataMaxAge)
                    {
                        partition.ReadFrom(-1, 0);
                    }

                    ref var list = ref System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(byBroker ??= [], partition.FetchedFrom, out _);
                    (list ??= []).Add(partition);
                }
            }

            _isWaitingForRoom = false;
            foreach (var (broker, partitions) in byBroker ?? [])
            {
                foreach (var part in SplitBacklog(broker, partitions))
                {
                    if (StartFetch(broker, part) is { } fetch)
                    {
                        (fetches ??= []).Add(fetch);
                    }
                }
            }
        }

        foreach (var (partition, version) in resolves ?? [])
        {
            _ = ResolveAsync(partition, version);
        }

        foreach (var fetch in fetches ?? [])
        {
            _ = FetchAsync(fetch);
        }
    }

    /// <summary>
    /// While there is much to catch up on, the partitions go in two requests, so that the broker reads for one while the
    /// answer to the other is on its way. At the end of the log one request waits for all of them.
    /// </summary>
    private List<List<ConsumerPartition>> SplitBacklog(int broker, List<ConsumerPartition> partitions)
    {
        var isIdle = !_fetches.TryGetValue(broker, out var outstanding) || outstanding.Count == 0;
        if (!isIdle || partitions.Count < 2 || !partitions.TrueForAll(partition => partition.IsBehind))
        {
            return [partitions];
        }

        var half = partitions.Count / 2;
        return [partitions[..half], partitions[half..]];
    }

    private Fetch? StartFetch(int broker, List<ConsumerPartition> partitions)
    {
        if (!HasRoom())
        {
            _isWaitingForRoom = true;
            return null;
        }

        if (!_fetches.TryGetValue(broker, out var outstanding))
        {
            _fetches.Add(broker, outstanding = []);
        }

        if (outstanding.Count >= MaxFetchesPerBroker)
        {
            Regroup(outstanding);
            return null;
        }

        var room = Math.Max(Options.MaxPrefetchBytes - _bufferedBytes - _reservedBytes, 1);
        var fetch = new Fetch(broker, partitions, (int)Math.Min(Options.FetchMaxBytes, room), Time.GetTimestamp(), _stopping.Token);
        foreach (var partition in partitions)
        {
            partition.IsFetching = true;
        }

        _reservedBytes += fetch.MaxBytes;
        outstanding.Add(fetch);
        return fetch;
    }

    /// <summary>Ends a request that only waits for new records. One that has just been sent may be about to bring some.</summary>
    private void Regroup(List<Fetch> outstanding)
    {
        var oldest = outstanding[0];
        if (Time.GetElapsedTime(oldest.StartedAt) >= RegroupAfter)
        {
            oldest.Cancel();
            return;
        }

        _regroupTimer ??= Time.CreateTimer(static state => ((ConsumerCore)state!).Pump(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _regroupTimer.Change(RegroupAfter, Timeout.InfiniteTimeSpan);
    }

    private async Task FetchAsync(Fetch fetch)
    {
        // Not on the reader's thread, and never deeper in the stack when answers come at once.
        await Task.Yield();
        FetchResponse? response = null;
        Exception? failure = null;
        try
        {
            var factory = await Context.GetGrainFactoryAsync(fetch.Broker, _stopping.Token).ConfigureAwait(false);
            var wait = TimeSpan.FromMilliseconds(Options.FetchMaxWaitMs);
            var call = factory.GetGrain<IBrokerGrain>(fetch.Broker).FetchAsync(fetch.ToRequest(Options), fetch.Token);
            response = call.IsCompletedSuccessfully
                ? await call.ConfigureAwait(false)
                : fetch.Led.Length == 0
                    ? await call.WaitAsync(wait + FollowerPatience, Time, fetch.Token).ConfigureAwait(false)
                    : await Context.WhileLeadingAsync(call, fetch.Led, fetch.Broker, wait, wait + Options.RequestTimeout, fetch.Token).ConfigureAwait(false);
            if (response.Partitions.Length != fetch.Partitions.Length)
            {
                throw new InvalidOperationException($"The broker answered for {response.Partitions.Length} partitions instead of {fetch.Partitions.Length}.");
            }
        }
#pragma warning disable CA1031 // Every failure is an outcome of the partitions: they are asked for again after a pause.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            failure = exception;
            if (!fetch.Token.IsCancellationRequested)
            {
                Context.Failed(fetch.Broker, exception);
            }
        }

        Metrics.Fetched(Time.GetElapsedTime(fetch.StartedAt));
        if (failure is not null && !fetch.Token.IsCancellationRequested)
        {
            Log.FetchFailed(fetch.Partitions.Length, fetch.Broker, failure.Message);
        }

        lock (_gate)
        {
            _fetches[fetch.Broker].Remove(fetch);
            _reservedBytes -= fetch.MaxBytes;
            for (var i = 0; i < fetch.Partitions.Length; i++)
            {
                var partition = fetch.Partitions[i];
                if (partition.Version != fetch.Versions[i] || partition.IsRemoved)
                {
                    continue;
                }

                partition.IsFetching = false;
                if (failure is null)
                {
                    Apply(partition, response!.Partitions[i]);
                }
                else if (!fetch.Token.IsCancellationRequested)
                {
                    partition.LoseLeader(refresh: true);
                }
            }

            if (_isDisposed)
            {
                fetch.Dispose();
                return;
            }
        }

        fetch.Dispose();
        Pump();
    }

    private void Apply(ConsumerPartition partition, PartitionReadResponse answer)
    {
        if (answer.HighWatermark >= 0)
        {
            partition.Watermarks = new Watermarks(answer.LogStartOffset, answer.HighWatermark, answer.LastStableOffset);
        }

        if (answer.Error != ErrorCode.None)
        {
            ApplyError(partition, answer);
            return;
        }

        if (answer.PreferredReadReplica >= 0)
        {
            partition.ReadFrom(answer.PreferredReadReplica, Time.GetTimestamp());
            Log.ReadsFromFollower(partition.TopicPartition, answer.PreferredReadReplica);
            return;
        }

        partition.Backoff.Reset();
        partition.UnknownSince = null;
        if (FetchedChunk.Read(partition.TopicPartition, partition.FetchOffset, answer) is not { } chunk)
        {
            SignalReader();
            return;
        }

        partition.Chunks.Enqueue(chunk);
        partition.BufferedBytes += chunk.Bytes;
        partition.FetchOffset = chunk.NextOffset;
        partition.IsHalted = chunk.Failure is not null;
        _bufferedBytes += chunk.Bytes;
        Queue(partition);
    }

    private void ApplyError(ConsumerPartition partition, PartitionReadResponse answer)
    {
        var message = answer.ErrorMessage ?? answer.Error.WireName();
        if (answer.Error == ErrorCode.OffsetOutOfRange && partition.ReadReplica >= 0)
        {
            // It may lag behind the leader, or have dropped old records earlier. Only the leader's word counts.
            partition.LoseLeader(refresh: false);
            Log.CannotRead(partition.TopicPartition, message, partition.Pause);
        }
        else if (answer.Error == ErrorCode.OffsetOutOfRange)
        {
            ResetOffset(partition, answer);
        }
        else if (answer.Error.MayRetry() && !IsUnknownTooLong(partition, answer.Error))
        {
            partition.LoseLeader(answer.Error.InvalidatesMetadata());
            Log.CannotRead(partition.TopicPartition, message, partition.Pause);
        }
        else
        {
            Fail(partition, answer.Error, message, null);
        }
    }

    private void ResetOffset(ConsumerPartition partition, PartitionReadResponse answer)
    {
        if (partition.HasData)
        {
            // What was fetched before is still good; when it has been handed out, the question comes up again.
            partition.IsHalted = true;
            return;
        }

        var end = Options.IsolationLevel == IsolationLevel.ReadCommitted ? answer.LastStableOffset : answer.HighWatermark;
        var reset = Options.AutoOffsetReset == AutoOffsetReset.Earliest ? answer.LogStartOffset : end;
        var offset = partition.FetchOffset;
        if (Options.AutoOffsetReset == AutoOffsetReset.None || reset < 0 || reset == offset)
        {
            FailWith(partition, new OffsetOutOfRangeException(partition.TopicPartition, offset, answer.LogStartOffset, answer.HighWatermark));
            return;
        }

        Log.OutOfRange(partition.TopicPartition, offset, answer.LogStartOffset, answer.HighWatermark, Options.AutoOffsetReset);
        MoveTo(partition, OffsetSpec.At(reset));
        SignalReader();
    }

    private bool IsUnknownTooLong(ConsumerPartition partition, ErrorCode error)
    {
        if (error is not (ErrorCode.UnknownTopicOrPartition or ErrorCode.UnknownTopicId))
        {
            partition.UnknownSince = null;
            return false;
        }

        partition.UnknownSince ??= Time.GetTimestamp();
        return Time.GetElapsedTime(partition.UnknownSince.Value) >= Options.UnknownTopicTimeout;
    }

    private void Fail(ConsumerPartition partition, ErrorCode error, string message, Exception? cause)
        => FailWith(partition, new ConsumeException(
            error,
            partition.TopicPartition,
            partition.Position,
            $"{partition.TopicPartition} cannot be read: {message}",
            cause));

    private void FailWith(ConsumerPartition partition, ConsumeException failure)
    {
        partition.Chunks.Enqueue(FetchedChunk.OfFailure(failure));
        partition.IsHalted = true;
        Queue(partition);
    }

    /// <summary>A request to one broker.</summary>
    private sealed class Fetch : IDisposable
    {
        private readonly CancellationTokenSource _cancellation;

        public Fetch(int broker, List<ConsumerPartition> partitions, int maxBytes, long startedAt, CancellationToken stopping)
        {
            Broker = broker;
            Partitions = [.. partitions];
            Led = [.. partitions.Where(partition => partition.Leader == broker).Select(partition => partition.TopicPartition)];
            Versions = Array.ConvertAll(Partitions, partition => partition.Version);
            MaxBytes = maxBytes;
            StartedAt = startedAt;
            Places = Array.ConvertAll(Partitions, partition => (partition.FetchOffset, partition.LeaderEpoch));
            _cancellation = CancellationTokenSource.CreateLinkedTokenSource(stopping);
            Token = _cancellation.Token;
        }

        public int Broker { get; }

        public ConsumerPartition[] Partitions { get; }

        /// <summary>Those of the partitions that the broker leads.</summary>
        public TopicPartition[] Led { get; }

        public int[] Versions { get; }

        public int MaxBytes { get; }

        public long StartedAt { get; }

        public CancellationToken Token { get; }

        private (long Offset, int LeaderEpoch)[] Places { get; }

        public FetchRequest ToRequest(ConsumerOptions options)
        {
            var partitions = new FetchPartition[Partitions.Length];
            for (var i = 0; i < partitions.Length; i++)
            {
                var (topic, partition) = Partitions[i].TopicPartition;
                partitions[i] = new FetchPartition(topic, partition, Places[i].Offset, options.MaxPartitionFetchBytes, Places[i].LeaderEpoch);
            }

            return new FetchRequest(options.FetchMaxWaitMs, options.FetchMinBytes, MaxBytes, options.IsolationLevel, partitions, options.ClientRack);
        }

        public void Cancel() => _ = _cancellation.CancelAsync();

        public void Dispose() => _cancellation.Dispose();
    }
}
