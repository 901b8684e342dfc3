using Orleans;
using Orleans.Concurrency;

namespace OrleansStream.Engine.CodeGeneration.Tests.Samples;

[Alias("sample.IBase")]
public interface IBaseGrain : IGrainWithStringKey
{
    [Alias("ping")]
    Task PingAsync();

    Task<int> PlainAsync(int number);
}

[Alias("sample.ISample")]
public interface ISampleGrain : IBaseGrain
{
    Task<string?> EchoAsync(string? text, CancellationToken cancellationToken);

    Task<int> TokenInFrontAsync(CancellationToken cancellationToken, int number, int other = 12);

    ValueTask ValueTaskAsync(Point point);

    ValueTask<Line> ValueTaskOfResultAsync(Line line, [Immutable] byte[] shared, byte[] copied);

    IAsyncEnumerable<Point> StreamAsync(int count, CancellationToken cancellationToken = default);

    [OneWay]
    Task OneWayAsync(string text);

    [ReadOnly]
    Task<int> ReadOnlyAsync();

    [AlwaysInterleave, Alias("interleave")]
    Task<Point> InterleaveAsync(Point point);

    Task<int> OverloadedAsync();

    Task<int> OverloadedAsync(int a);

    [return: Immutable]
    Task<byte[]> ImmutableResultAsync(byte[] bytes);

    void Fire(int number);

    Task<Result<int, string>> GenericAsync(Result<Point, string> result, Shape shape);

    Task ThrowsSynchronouslyAsync();

    Task<IBaseGrain?> ReferenceAsync(ISampleGrain? grain, IBaseGrain[] others);

    Task KeywordAsync(int @class, string? @event);
}
