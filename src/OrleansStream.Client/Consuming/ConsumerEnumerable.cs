namespace OrleansStream.Client;

/// <summary>Takes the next element if there is one.</summary>
internal delegate bool TryTake<T>(out T item);

/// <summary>
/// Enumerates what a consumer hands out. As long as something is there, going on completes at once and allocates nothing.
/// </summary>
internal sealed class ConsumerEnumerable<T>(ConsumerCore core, TryTake<T> take, ConsumeUntil until, CancellationToken cancellationToken) : IAsyncEnumerable<T>
{
    public IAsyncEnumerator<T> GetAsyncEnumerator(CancellationToken enumeratorToken = default)
        => new Enumerator(core, take, until, cancellationToken, enumeratorToken);

    private sealed class Enumerator : IAsyncEnumerator<T>
    {
        private readonly ConsumerCore _core;
        private readonly TryTake<T> _take;
        private readonly ConsumeUntil _until;
        private readonly CancellationTokenSource? _linked;
        private readonly CancellationToken _cancellationToken;
        private IReadOnlyDictionary<TopicPartition, long>? _ends;
        private T _current = default!;
        private bool _isOpen;

        public Enumerator(ConsumerCore core, TryTake<T> take, ConsumeUntil until, CancellationToken first, CancellationToken second)
        {
            _core = core;
            _take = take;
            _until = until;
            _linked = first.CanBeCanceled && second.CanBeCanceled ? CancellationTokenSource.CreateLinkedTokenSource(first, second) : null;
            _cancellationToken = _linked?.Token ?? (first.CanBeCanceled ? first : second);
        }

        public T Current => _current;

        public ValueTask<bool> MoveNextAsync()
        {
            if (_isOpen
                && (_until == ConsumeUntil.Cancelled || (_ends is not null && !_core.IsBetweenBatches))
                && !_core.NeedsAttention
                && !_cancellationToken.IsCancellationRequested
                && _take(out _current))
            {
                return new ValueTask<bool>(true);
            }

            return MoveNextSlowAsync();
        }

        public ValueTask DisposeAsync()
        {
            if (_isOpen)
            {
                _isOpen = false;
                _core.EndReading();
            }

            _linked?.Dispose();
            return default;
        }

        private async ValueTask<bool> MoveNextSlowAsync()
        {
            if (!_isOpen)
            {
                _core.BeginReading();
                _isOpen = true;
            }

            _core.Confirm();
            _core.Group?.EnterCall();
            try
            {
                return await TakeAsync().ConfigureAwait(false);
            }
            finally
            {
                _core.Group?.LeaveCall();
            }
        }

        private async ValueTask<bool> TakeAsync()
        {
            while (true)
            {
                _cancellationToken.ThrowIfCancellationRequested();
                var seen = _core.Signals;
                if (_core.NeedsAttention)
                {
                    await _core.Group!.AttendAsync(_cancellationToken).ConfigureAwait(false);
                }

                if (_until == ConsumeUntil.CurrentEnd && _ends is null && !_core.IsJoining)
                {
                    _ends = await _core.QueryEndsAsync(_cancellationToken).ConfigureAwait(false);
                }

                if (_ends is not null && _core.IsBetweenBatches && _core.HaveReached(_ends))
                {
                    return false;
                }

                if (_take(out _current))
                {
                    return true;
                }

                if (_ends is not null && _core.HaveReached(_ends))
                {
                    return false;
                }

                await _core.WaitAsync(seen).WaitAsync(_cancellationToken).ConfigureAwait(false);
            }
        }
    }
}
