using System.Runtime.CompilerServices;

namespace OrleansStream.Engine.CodeGeneration.Tests.Samples;

/// <summary>Answers the sample grain's calls and notes them; not hosted by anything.</summary>
internal sealed class SampleTarget : ISampleGrain
{
    public List<string> Calls { get; } = [];

    public CancellationToken Token { get; private set; }

    public Task PingAsync() => Note("ping");

    public Task<int> PlainAsync(int number) => Task.FromResult(number + 1);

    public Task<string?> EchoAsync(string? text, CancellationToken cancellationToken)
    {
        Token = cancellationToken;
        return Task.FromResult(text);
    }

    public Task<int> TokenInFrontAsync(CancellationToken cancellationToken, int number, int other)
    {
        Token = cancellationToken;
        return Task.FromResult((number * 1000) + other);
    }

    public ValueTask ValueTaskAsync(Point point)
    {
        Calls.Add($"point {point.X} {point.Y}");
        return ValueTask.CompletedTask;
    }

    public ValueTask<Line> ValueTaskOfResultAsync(Line line, byte[] shared, byte[] copied) => ValueTask.FromResult(line);

    public async IAsyncEnumerable<Point> StreamAsync(int count, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        Token = cancellationToken;
        for (var i = 0; i < count; i++)
        {
            await Task.Yield();
            yield return new Point(i, -i);
        }
    }

    public Task OneWayAsync(string text) => Note(text);

    public Task<int> ReadOnlyAsync() => Task.FromResult(1);

    public Task<Point> InterleaveAsync(Point point) => Task.FromResult(point with { X = point.X + 1 });

    public Task<int> OverloadedAsync() => Task.FromResult(-1);

    public Task<int> OverloadedAsync(int a) => Task.FromResult(a);

    public Task<byte[]> ImmutableResultAsync(byte[] bytes) => Task.FromResult(bytes);

    public void Fire(int number) => Calls.Add($"fire {number}");

    public Task<Result<int, string>> GenericAsync(Result<Point, string> result, Shape shape)
        => Task.FromResult(new Result<int, string>(result.Value?.X ?? 0, shape.Name));

    public Task ThrowsSynchronouslyAsync() => throw new InvalidOperationException("at once");

    public Task<IBaseGrain?> ReferenceAsync(ISampleGrain? grain, IBaseGrain[] others) => Task.FromResult<IBaseGrain?>(grain);

    public Task KeywordAsync(int @class, string? @event) => Note($"{@class} {@event}");

    private Task Note(string call)
    {
        Calls.Add(call);
        return Task.CompletedTask;
    }
}
