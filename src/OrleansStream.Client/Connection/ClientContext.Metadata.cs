using System.Collections.Concurrent;
using OrleansStream.Abstractions;

namespace OrleansStream.Client;

/// <content>Whom to ask for metadata.</content>
internal sealed partial class ClientContext
{
    /// <summary>Stands for the connection to the cluster, whichever broker is at its end.</summary>
    private const int TheCluster = -1;

    /// <summary>How many ways to brokers are tried for one answer.</summary>
    private const int MaxWays = 3;

    /// <summary>How long one way is waited for in all.</summary>
    private static readonly TimeSpan MetadataPatience = TimeSpan.FromSeconds(3);

    /// <summary>How long one way is waited for alone. A broker that hangs or is cut off must not keep a client from learning of another leader.</summary>
    private static readonly TimeSpan MetadataHedge = TimeSpan.FromMilliseconds(250);

    /// <summary>How long somebody who did not answer is asked last.</summary>
    private static readonly TimeSpan SuspicionTime = TimeSpan.FromSeconds(2);

    private readonly ConcurrentDictionary<int, long> _suspects = new();
    private int _metadataTurn;

    /// <summary>A broker has not answered for long: for a while others are asked for metadata first. One that is cut off tells what it knew.</summary>
    public void Suspect(int brokerId) => _suspects[brokerId] = Time.GetTimestamp();

    /// <summary>
    /// Asks for metadata: each time another broker, since one that is cut off from the rest goes on to tell what it knew. When no answer has
    /// come in a moment the next one is asked besides, and the first answer counts.
    /// </summary>
    /// <exception cref="OrleansStreamException">There was no answer; the next call asks elsewhere.</exception>
    public async Task<ClusterMetadata> GetMetadataAsync(MetadataRequest request, CancellationToken cancellationToken)
    {
        var direct = _connection.Direct;
        var connected = direct?.Connected ?? [];

        // What creates a topic is asked once.
        var metadata = connected.Count == 0 || request.AllowAutoTopicCreation
            ? await CallClusterAsync((grain, token) => grain.GetMetadataAsync(request, token), isRepeatable: false, cancellationToken).ConfigureAwait(false)
            : await AskInTurnAsync(Ways(connected), request, cancellationToken).ConfigureAwait(false);
        direct?.Learn(metadata);
        direct?.Widen();
        return metadata;
    }

    /// <summary>The ways to ask, in order: it turns with each call, and those that are suspected, or may end at one, come last.</summary>
    private int[] Ways(IReadOnlyList<int> connected)
    {
        var turn = (int)((uint)Interlocked.Increment(ref _metadataTurn) % (uint)(connected.Count + 1));
        var suspects = _suspects.Where(suspect => Time.GetElapsedTime(suspect.Value) < SuspicionTime).Select(suspect => suspect.Key).ToHashSet();
        int[] all = [.. connected, TheCluster];
        return
        [
            .. all.Skip(turn).Concat(all.Take(turn))
                .OrderBy(way => way == TheCluster ? Math.Min(suspects.Count, 1) : suspects.Contains(way) ? 2 : 0)
                .Take(MaxWays),
        ];
    }

    private async Task<ClusterMetadata> AskInTurnAsync(int[] ways, MetadataRequest request, CancellationToken cancellationToken)
    {
        using var answered = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var asked = new List<Task<ClusterMetadata>>();
        for (var next = 0; ;)
        {
            if (next < ways.Length)
            {
                asked.Add(AskAsync(ways[next++], request, answered.Token));
            }

            if (await FirstAsync(asked, next < ways.Length ? MetadataHedge : Timeout.InfiniteTimeSpan, cancellationToken).ConfigureAwait(false) is not { } first)
            {
                continue;
            }

            if (first.IsCompletedSuccessfully || (asked.Count == 1 && next == ways.Length))
            {
                // Whoever is still asked is not waited for.
                await answered.CancelAsync().ConfigureAwait(false);
                return await first.ConfigureAwait(false);
            }

            _ = first.Exception;
            asked.Remove(first);
        }
    }

    /// <summary>The first of the questions that ends; null when none does in time.</summary>
    private async Task<Task<ClusterMetadata>?> FirstAsync(List<Task<ClusterMetadata>> asked, TimeSpan patience, CancellationToken cancellationToken)
    {
        try
        {
            return await Task.WhenAny(asked).WaitAsync(patience, Time, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            return null;
        }
    }

    private async Task<ClusterMetadata> AskAsync(int way, MetadataRequest request, CancellationToken cancellationToken)
    {
        if (way == TheCluster || await _connection.Direct!.TryGetAsync(way, cancellationToken).ConfigureAwait(false) is not { } factory)
        {
            return await CallClusterAsync(
                (grain, token) => grain.GetMetadataAsync(request, token).WaitAsync(MetadataPatience, Time, token), isRepeatable: false, cancellationToken).ConfigureAwait(false);
        }

        try
        {
            return await factory.GetGrain<IClusterGrain>(0).GetMetadataAsync(request, cancellationToken)
                .WaitAsync(Options.RequestTimeout < MetadataPatience ? Options.RequestTimeout : MetadataPatience, Time, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            Failed(way, exception);
            var error = CallFailures.ToErrorCode(exception);
            if (error == ErrorCode.RequestTimedOut)
            {
                Suspect(way);
            }

            throw exception as OrleansStreamException ?? new OrleansStreamException(error, Explain(error, exception), exception);
        }
    }
}
