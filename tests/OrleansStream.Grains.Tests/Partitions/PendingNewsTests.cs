using System.Diagnostics;
using System.Runtime.InteropServices;
using OrleansStream.Grains.Partitions;

namespace OrleansStream.Grains.Tests.Partitions;

/// <summary>News that comes just as the news before is being told is told as well.</summary>
public sealed class PendingNewsTests
{
    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    [Fact]
    public void Announce_QueuesOneTurn_UntilItBeginsToTell()
    {
        var news = new PendingNews();

        news.Announce().ShouldBeTrue();
        news.Announce().ShouldBeFalse();
        news.BeginTelling();
        news.Announce().ShouldBeTrue();
    }

    [Fact]
    public void BeginTelling_LosesNothing_WhenNewsComesAtTheSameMoment()
    {
        var shared = new Shared();
        var teller = new Thread(shared.Tell) { IsBackground = true, Name = "turns" };
        teller.Start();
        var random = new Random(4711);
        var started = Stopwatch.GetTimestamp();
        var number = 0L;
        while (Stopwatch.GetElapsedTime(started) < Duration)
        {
            shared.Announce(++number);
            Thread.SpinWait(random.Next(40));
            shared.Announce(++number);
            var announced = Stopwatch.GetTimestamp();
            while (Volatile.Read(ref shared.Fields.Told) != number)
            {
                Stopwatch.GetElapsedTime(announced).ShouldBeLessThan(Limit, $"{number} was announced, {Volatile.Read(ref shared.Fields.Told)} was told");
            }
        }

        shared.Stop();
        teller.Join(Limit).ShouldBeTrue();
    }

    /// <summary>A state, and a thread in the place of a grain's turns.</summary>
    private sealed class Shared
    {
        private readonly PendingNews _news = new();
        private volatile bool _isStopping;
        public Apart Fields;

        public void Announce(long state)
        {
            Volatile.Write(ref Fields.State, state);
            if (_news.Announce())
            {
                Volatile.Write(ref Fields.IsQueued, 1);
            }
        }

        public void Stop() => _isStopping = true;

        public void Tell()
        {
            while (!_isStopping)
            {
                if (Volatile.Read(ref Fields.IsQueued) != 0)
                {
                    Volatile.Write(ref Fields.IsQueued, 0);
                    _news.BeginTelling();
                    Volatile.Write(ref Fields.Told, Volatile.Read(ref Fields.State));
                }
            }
        }
    }

    /// <summary>Each on a cache line of its own, so that writes to one do not hold up those to another.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 512)]
    private struct Apart
    {
        [FieldOffset(128)]
        public int IsQueued;

        [FieldOffset(256)]
        public long State;

        [FieldOffset(384)]
        public long Told;
    }
}
