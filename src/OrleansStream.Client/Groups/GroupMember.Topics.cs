using OrleansStream.Abstractions;

namespace OrleansStream.Client;

/// <content>Which topics a subscription means now, and whether that changes.</content>
internal sealed partial class GroupMember
{
    private static readonly TimeSpan MissingTopicInterval = TimeSpan.FromSeconds(1);

    private readonly HashSet<string> _reportedMissing = new(StringComparer.Ordinal);
    private IReadOnlyList<string> _topics = [];
    private string[] _groupTopics = [];
    private bool _isTopicMissing;
    private Task? _watch;

    private async Task<IReadOnlyList<string>> ResolveTopicsAsync(GroupSubscription subscription, CancellationToken cancellationToken)
    {
        if (subscription.Pattern is null)
        {
            return subscription.Topics;
        }

        var request = new MetadataRequest(null, AllowAutoTopicCreation: false);
        var cluster = await _context.CallClusterAsync((grain, token) => grain.GetMetadataAsync(request, token), isRepeatable: true, cancellationToken).ConfigureAwait(false);
        string[] topics =
        [
            .. cluster.Topics.Where(topic => !topic.IsInternal && topic.Error == ErrorCode.None && subscription.Pattern.IsMatch(topic.Name))
                .Select(topic => topic.Name).Order(StringComparer.Ordinal),
        ];
        lock (_gate)
        {
            if (ReferenceEquals(_subscription, subscription))
            {
                _topics = topics;
            }
        }

        return topics;
    }

    /// <summary>How many partitions topics have; those that are not there are left out.</summary>
    private async Task<Dictionary<string, int>> CountPartitionsAsync(IEnumerable<string> topics, CancellationToken cancellationToken)
    {
        string[] names = [.. topics.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        _groupTopics = names;
        if (names.Length == 0)
        {
            return [];
        }

        var request = new MetadataRequest(names, AllowAutoTopicCreation: false);
        var cluster = await _context.CallClusterAsync((grain, token) => grain.GetMetadataAsync(request, token), isRepeatable: true, cancellationToken).ConfigureAwait(false);
        var counts = cluster.Topics.Where(topic => topic.Error == ErrorCode.None && topic.Partitions.Length > 0)
            .ToDictionary(topic => topic.Name, topic => topic.Partitions.Length, StringComparer.Ordinal);
        lock (_gate)
        {
            foreach (var missing in names.Where(name => !counts.ContainsKey(name) && _reportedMissing.Add(name)))
            {
                _log.TopicMissing(_groupId, missing);
            }

            _reportedMissing.IntersectWith(names);
            _reportedMissing.ExceptWith(counts.Keys);
            _isTopicMissing = _reportedMissing.Count > 0;
        }

        return counts;
    }

    private void StartWatching()
    {
        lock (_gate)
        {
            if (!_isClosed)
            {
                _watch ??= Task.Run(WatchAsync, CancellationToken.None);
            }
        }
    }

    /// <summary>Looks now and then whether topics have come, gone or grown, more often while one is missing.</summary>
    private async Task WatchAsync()
    {
        var patience = TimeSpan.Zero;
        try
        {
            while (true)
            {
                var interval = MissingTopicInterval < _context.Options.MetadataMaxAge ? MissingTopicInterval : _context.Options.MetadataMaxAge;
                await Task.Delay(interval, Time, _stopping.Token).ConfigureAwait(false);
                patience += interval;
                if (patience < _context.Options.MetadataMaxAge && !Volatile.Read(ref _isTopicMissing))
                {
                    continue;
                }

                patience = TimeSpan.Zero;
                try
                {
                    await LookAsync().ConfigureAwait(false);
                }
                catch (OrleansStreamException exception)
                {
                    _log.CannotWatch(_groupId, exception.Message);
                }
            }
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // The consumer is disposed.
        }
    }

    private async Task LookAsync()
    {
        GroupSubscription? subscription;
        IReadOnlyList<string> topics;
        IReadOnlyDictionary<string, int>? counts;
        lock (_gate)
        {
            (subscription, topics, counts) = (_subscription, _topics, _assignedCounts);
            if (subscription is null || _join is not null || _rejoinReason is not null)
            {
                return;
            }
        }

        if (subscription.Pattern is not null)
        {
            var found = await ResolveTopicsAsync(subscription, _stopping.Token).ConfigureAwait(false);
            if (!found.SequenceEqual(topics, StringComparer.Ordinal))
            {
                RequestRejoin("other topics match the pattern now");
                return;
            }
        }

        if (counts is not null)
        {
            var now = await CountPartitionsAsync(_groupTopics, _stopping.Token).ConfigureAwait(false);
            if (now.Count != counts.Count || now.Any(topic => counts.GetValueOrDefault(topic.Key) != topic.Value))
            {
                RequestRejoin("topics have other partitions now");
            }
        }
    }
}
