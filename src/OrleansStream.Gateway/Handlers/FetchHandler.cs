using OrleansStream.Abstractions;
using OrleansStream.Gateway.FetchSessions;
using OrleansStream.Gateway.Quotas;
using OrleansStream.Gateway.Requests;
using OrleansStream.Protocol.Kafka;
using FetchRequest = OrleansStream.Protocol.Kafka.FetchRequest;
using FetchResponse = OrleansStream.Protocol.Kafka.FetchResponse;

namespace OrleansStream.Gateway.Handlers;

/// <summary>
/// Fetch, 4 to 17, with incremental fetch sessions from 7 on (KIP-227) the reader's rack from 11 on (KIP-392), and topic ids instead of names from 13 on (KIP-516). The wait for data is the broker grain's long poll.
/// </summary>
internal sealed class FetchHandler(BrokerGrains grains, FetchSessionCache sessions, ClientThrottle throttle) : KafkaHandler<FetchRequest>
{
    private const int FinalEpoch = -1;
    private const int InitialEpoch = 0;
    private const short FirstWithRack = 11;
    private const short FirstWithTopicIds = 13;

    // A client that asks for more and goes away unnoticed is not waited for longer.
    private const int MaxWaitMs = 5 * 60 * 1000;

    /// <inheritdoc/>
    protected override ValueTask<IKafkaMessage?> HandleAsync(FetchRequest request, RequestContext context)
    {
        FetchSession? session = null;
        var isIncremental = false;
        var usesTopicIds = context.Version >= FirstWithTopicIds;
        if (context.Version >= 7)
        {
            if (request.SessionEpoch is FinalEpoch or InitialEpoch)
            {
                if (request.SessionId != 0)
                {
                    sessions.Remove(request.SessionId);
                }

                session = request.SessionEpoch == InitialEpoch ? sessions.TryCreate(usesTopicIds) : null;
            }
            else
            {
                var error = sessions.TryUse(request.SessionId, request.SessionEpoch, usesTopicIds, out session);
                if (error != ErrorCode.None)
                {
                    return ValueTask.FromResult<IKafkaMessage?>(new FetchResponse { ErrorCode = error });
                }

                isIncremental = true;
            }
        }

        return FetchAsync(request, session, isIncremental, context);
    }

    private async ValueTask<IKafkaMessage?> FetchAsync(FetchRequest request, FetchSession? session, bool isIncremental, RequestContext context)
    {
        var partitions = Partitions(request, session);
        var fetch = new Abstractions.FetchRequest(
            Math.Clamp(request.MaxWaitMs, 0, MaxWaitMs),
            request.MinBytes,
            Math.Min(request.MaxBytes, throttle.MostOfFetch(context)),
            request.IsolationLevel == 1 ? IsolationLevel.ReadCommitted : IsolationLevel.ReadUncommitted,
            [.. partitions.Select(partition => partition.Request)],
            context.Version >= FirstWithRack ? request.RackId : null);
        PartitionReadResponse[] results;
        try
        {
            results = (await grains.Broker.FetchAsync(fetch, context.LastRequest)).Partitions;
        }
        catch (Exception exception) when (GrainErrors.IsPassing(exception))
        {
            var error = GrainErrors.ToErrorCode(exception);
            results = [.. partitions.Select(_ => new PartitionReadResponse(error, exception.Message, -1, -1, -1, -1, default))];
        }

        if (throttle.ChargeFetch(context, results.Sum(result => (long)result.Records.Length)) is var throttleMs and > 0)
        {
            return Throttled(session, isIncremental, throttleMs);
        }

        if (session is null)
        {
            return Answer(null, isIncremental, partitions, results);
        }

        lock (session.Lock)
        {
            return Answer(session, isIncremental, partitions, results);
        }
    }

    /// <summary>Nothing, as news of no partition (KIP-219). A session that would have begun with this answer does not begin.</summary>
    private FetchResponse Throttled(FetchSession? session, bool isIncremental, int throttleMs)
    {
        if (session is not null && !isIncremental)
        {
            sessions.Remove(session.Id);
        }

        return new FetchResponse { ThrottleTimeMs = throttleMs, SessionId = isIncremental ? session!.Id : 0 };
    }

    /// <summary>What to fetch: the request's partitions or, in a session, the session's after the request's changes.</summary>
    private static IReadOnlyList<SessionPartition> Partitions(FetchRequest request, FetchSession? session)
    {
        var asked = request.Topics.SelectMany(topic => topic.Partitions.Select(partition => new FetchPartition(
            topic.Topic,
            partition.Partition,
            partition.FetchOffset,
            partition.PartitionMaxBytes,
            partition.CurrentLeaderEpoch,
            topic.TopicId)));
        if (session is null)
        {
            return [.. asked.Select(partition => new SessionPartition(partition))];
        }

        lock (session.Lock)
        {
            foreach (var topic in request.ForgottenTopicsData)
            {
                foreach (var partition in topic.Partitions)
                {
                    session.Forget(topic.TopicId, topic.Topic, partition);
                }
            }

            foreach (var partition in asked)
            {
                session.Set(partition);
            }

            return session.Partitions;
        }
    }

    private static FetchResponse Answer(
        FetchSession? session,
        bool isIncremental,
        IReadOnlyList<SessionPartition> partitions,
        PartitionReadResponse[] results)
    {
        var response = new FetchResponse { SessionId = session?.Id ?? 0 };
        var topics = new Dictionary<(Guid, string), FetchResponse.FetchableTopicResponse>();
        for (var i = 0; i < partitions.Count; i++)
        {
            var (partition, result) = (partitions[i], results[i]);
            var isNews = result.Error != ErrorCode.None
                || !result.Records.IsEmpty
                || result.PreferredReadReplica >= 0
                || result.HighWatermark != partition.SentHighWatermark
                || result.LogStartOffset != partition.SentLogStartOffset;
            if (isIncremental && !isNews)
            {
                continue;
            }

            // After an error everything is news again.
            partition.SentHighWatermark = result.Error == ErrorCode.None ? result.HighWatermark : -1;
            partition.SentLogStartOffset = result.Error == ErrorCode.None ? result.LogStartOffset : -1;
            if (!result.Records.IsEmpty)
            {
                session?.MoveToEnd(partition);
            }

            var key = (partition.Request.TopicId, partition.Request.Topic);
            if (!topics.TryGetValue(key, out var topic))
            {
                topic = new FetchResponse.FetchableTopicResponse { Topic = partition.Request.Topic, TopicId = partition.Request.TopicId };
                topics.Add(key, topic);
                response.Responses.Add(topic);
            }

            topic.Partitions.Add(new FetchResponse.PartitionData
            {
                PartitionIndex = partition.Request.Partition,
                ErrorCode = result.Error,
                HighWatermark = result.HighWatermark,
                LastStableOffset = result.LastStableOffset,
                LogStartOffset = result.LogStartOffset,
                AbortedTransactions = null,
                PreferredReadReplica = result.PreferredReadReplica,
                Records = result.Records,
            });
        }

        return response;
    }
}
