using Orleans;
using OrleansStream.Engine.CodeGeneration.Tests.Samples;
using OrleansStream.Engine.Messaging;

namespace OrleansStream.Engine.CodeGeneration.Tests.Generated;

/// <summary>The generated invocations without a runtime: written, read, copied and called by hand.</summary>
public sealed class InvocationTests
{
    private readonly RecordingRuntime _runtime = new();
    private readonly SampleTarget _target = new();

    private ISampleGrain Grain => _runtime.Reference<ISampleGrain>();

    [Fact]
    public void Manifest_HasInterfaceAndClass_WhenTheModuleIsLoaded()
    {
        GeneratedManifest.LoadParts();
        var generated = GeneratedManifest.FindInterface(typeof(ISampleGrain)).ShouldNotBeNull();
        GeneratedManifest.FindInterface("sample.ISample").ShouldBeSameAs(generated);
        generated.Methods.Select(m => m.MethodName).ShouldBe(
            [
                "EchoAsync/1", "TokenInFrontAsync/2", "ValueTaskAsync/1", "ValueTaskOfResultAsync/3", "StreamAsync/1", "OneWayAsync/1",
                "ReadOnlyAsync/0", "interleave", "OverloadedAsync/0", "OverloadedAsync/1", "ImmutableResultAsync/1", "Fire/1",
                "GenericAsync/2", "ThrowsSynchronouslyAsync/0", "KeywordAsync/2", "ReferenceAsync/2", "ping", "PlainAsync/1",
            ],
            ignoreOrder: true);
        GeneratedManifest.GrainClasses.ShouldContain(typeof(SampleTarget));
        GeneratedManifest.FindInterface("OrleansStream.IPartitionGrain").ShouldNotBeNull("referenced assemblies are loaded as well");
    }

    [Fact]
    public async Task Descriptors_SayWhatTheAttributesSay()
    {
        await Grain.OneWayAsync("x");
        Last.ShouldSatisfyAllConditions(
            m => m.IsOneWay.ShouldBeTrue(), m => m.IsReadOnly.ShouldBeFalse(), m => m.InterfaceName.ShouldBe("sample.ISample"));
        _runtime.LastWasOneWay.ShouldBeTrue();
        await Grain.ReadOnlyAsync();
        Last.IsReadOnly.ShouldBeTrue();
        await Grain.InterleaveAsync(new(1, 0));
        Last.IsAlwaysInterleave.ShouldBeTrue();
        Last.TakesCancellationToken.ShouldBeFalse();
        await Grain.EchoAsync("a", TestContext.Current.CancellationToken);
        Last.TakesCancellationToken.ShouldBeTrue();
        await Grain.PingAsync();
        (Last.InterfaceName, Last.InterfaceType).ShouldBe(("sample.IBase", typeof(IBaseGrain)));
        Grain.Fire(1);
        Last.IsOneWay.ShouldBeTrue();
    }

    [Fact]
    public async Task InterfaceMethod_IsTheReflectedOne_ForEveryMethod()
    {
        await Grain.OverloadedAsync(1);
        Last.InterfaceMethod().ShouldBe(typeof(ISampleGrain).GetMethod("OverloadedAsync", [typeof(int)]));
        foreach (var method in GeneratedManifest.FindInterface(typeof(ISampleGrain))!.Methods)
        {
            method.InterfaceMethod().ShouldNotBeNull(method.MethodName);
            method.CreateInvocation().Method.ShouldBeSameAs(method);
        }
    }

    [Fact]
    public async Task Invocation_CallsTheTarget_AfterItTravelled()
    {
        await Grain.EchoAsync("text", TestContext.Current.CancellationToken);
        (await Travel<string>()).ShouldBe("text");
        await Grain.EchoAsync(null, TestContext.Current.CancellationToken);
        (await Travel<string>()).ShouldBeNull();
        await Grain.PlainAsync(41);
        (await Travel<int>()).ShouldBe(42);
        await Grain.InterleaveAsync(new(1, 2));
        (await Travel<Point>()).ShouldBe(new Point(2, 2));
        await Grain.OverloadedAsync();
        (await Travel<int>()).ShouldBe(-1);
        await Grain.OverloadedAsync(5);
        (await Travel<int>()).ShouldBe(5);
        await Grain.GenericAsync(new(new(8, 9), null), new Circle("c", 1));
        (await Travel<Result<int, string>>()).ShouldBe(new Result<int, string>(8, "c"));
        await Grain.ValueTaskOfResultAsync(new(new(1, 2), null, []), [1], [2]);
        (await Travel<Line>()).From.ShouldBe(new Point(1, 2));
    }

    [Fact]
    public async Task Invocation_CallsTheTarget_WhenThereIsNoResult()
    {
        await Grain.PingAsync();
        await TravelVoid();
        await Grain.ValueTaskAsync(new(1, 2));
        await TravelVoid();
        await Grain.OneWayAsync("one way");
        await TravelVoid();
        Grain.Fire(3);
        await TravelVoid();
        await Grain.KeywordAsync(1, "e");
        await TravelVoid();
        _target.Calls.ShouldBe(["ping", "point 1 2", "one way", "fire 3", "1 e"]);
    }

    [Fact]
    public async Task Token_NeverTravels_AndIsPassedWhereverItStands()
    {
        using var source = new CancellationTokenSource();
        await Grain.TokenInFrontAsync(source.Token, 5);
        _runtime.Last.CancellationToken.ShouldBe(source.Token);
        _runtime.Last.Argument(0).ShouldBe(5);

        var arrived = Transport(_runtime.Last);
        arrived.CancellationToken.ShouldBe(CancellationToken.None);
        using var calleesSource = new CancellationTokenSource();
        arrived.CancellationToken = calleesSource.Token;
        (await arrived.InvokeAsync(_target)).BoxedValue.ShouldBe(5012);
        _target.Token.ShouldBe(calleesSource.Token);
    }

    [Fact]
    public void ReadArguments_KeepsDeclaredDefaults_WhenTheCallerIsOlder()
    {
        var invocation = Descriptor("TokenInFrontAsync/2").CreateInvocation();
        var reader = new MessageReader(new byte[] { 0x00, 0x02, 0x07 });
        invocation.ReadArguments(ref reader);
        (invocation.Argument(0), invocation.Argument(1)).ShouldBe((1, 12));
    }

    [Fact]
    public async Task CopyForLocalCall_IsolatesArguments_ExceptImmutableOnes()
    {
        byte[] shared = [1];
        byte[] copied = [2];
        var line = new Line(new(1, 2), null, [new(3, 4)]);
        await Grain.ValueTaskOfResultAsync(line, shared, copied);
        var copy = _runtime.Last.CopyForLocalCall();
        copy.ShouldNotBeSameAs(_runtime.Last);
        copy.GetType().ShouldBe(_runtime.Last.GetType());
        copy.Argument(0).ShouldNotBeSameAs(line);
        copy.Argument(1).ShouldBeSameAs(shared);
        copy.Argument(2).ShouldNotBeSameAs(copied);
        copy.Argument(2).ShouldBe(copied);
    }

    [Fact]
    public async Task Result_IsIsolated_ExceptWhenImmutable()
    {
        await Grain.ValueTaskOfResultAsync(new(new(1, 2), null, []), [1], [2]);
        var result = await _runtime.Last.InvokeAsync(_target);
        result.CopyForLocalCall().BoxedValue.ShouldNotBeSameAs(result.BoxedValue);

        byte[] bytes = [1];
        await Grain.ImmutableResultAsync(bytes);
        (await _runtime.Last.InvokeAsync(_target)).CopyForLocalCall().BoxedValue.ShouldBeSameAs(bytes);
    }

    [Fact]
    public async Task GrainReference_Travels_AndCallsThroughTheReceiversRuntime()
    {
        var other = _runtime.Reference<IBaseGrain>("other/key");
        await Grain.ReferenceAsync(Grain, [other]);
        var receiver = new RecordingRuntime();
        var arrived = Transport(_runtime.Last, receiver);
        var grain = arrived.Argument(0).ShouldBeAssignableTo<ISampleGrain>()!;
        grain.ShouldBe(Grain);
        var others = arrived.Argument(1).ShouldBeOfType<IBaseGrain[]>();
        others.Single().GetGrainId().ShouldBe(other.GetGrainId());
        grain.Fire(1);
        receiver.Last.Method.MethodName.ShouldBe("Fire/1");

        await Grain.ReferenceAsync(null, []);
        Transport(_runtime.Last, receiver).Argument(0).ShouldBeNull();
        _runtime.Last.CopyForLocalCall().Argument(0).ShouldBeNull();
    }

    [Fact]
    public async Task InvokeAsync_FailsItsTask_WhenTheMethodThrowsAtOnce()
    {
        await Grain.ThrowsSynchronouslyAsync();
        var call = _runtime.Last.InvokeAsync(_target);
        (await Should.ThrowAsync<InvalidOperationException>(call.AsTask())).Message.ShouldBe("at once");
    }

    [Fact]
    public async Task InvokeAsync_GivesTheStream_WhenTheMethodStreams()
    {
        await foreach (var _ in Grain.StreamAsync(3, TestContext.Current.CancellationToken))
        {
            throw new InvalidOperationException("The recording runtime has no elements.");
        }

        var arrived = Transport(_runtime.Last);
        var result = (await arrived.InvokeAsync(_target)).ShouldBeAssignableTo<StreamInvocationResult>()!;
        var points = await result.Accept(new Collector());
        points.ShouldBe([new Point(0, 0), new Point(1, -1), new Point(2, -2)]);
        Should.Throw<InvalidOperationException>(() => result.Write(MessageWriter.Rent()));
    }

    private GrainMethodDescriptor Last => _runtime.Last.Method;

    private static GrainMethodDescriptor Descriptor(string name)
        => GeneratedManifest.FindInterface(typeof(ISampleGrain))!.Methods.Single(m => m.MethodName == name);

    private static GrainMethodInvocation Transport(GrainMethodInvocation invocation, ICallRuntime? receiver = null)
    {
        var writer = MessageWriter.Rent();
        invocation.WriteArguments(writer);
        var reader = new MessageReader(writer.ToArray()) { RuntimeContext = receiver };
        writer.Return();
        var arrived = invocation.Method.CreateInvocation();
        arrived.ReadArguments(ref reader);
        reader.Remaining.ShouldBe(0);
        return arrived;
    }

    private async Task<T> Travel<T>()
    {
        var arrived = Transport(_runtime.Last);
        var result = await arrived.InvokeAsync(_target);
        var writer = MessageWriter.Rent();
        result.Write(writer);
        var answer = writer.ToArray();
        writer.Return();
        return Read(answer);

        T Read(byte[] bytes)
        {
            var reader = new MessageReader(bytes);
            return _runtime.Last.ReadResult(ref reader).ShouldBeOfType<InvocationResult<T>>().Value;
        }
    }

    private async Task TravelVoid()
        => (await Transport(_runtime.Last).InvokeAsync(_target)).ShouldBeSameAs(InvocationResult.Void);

    private sealed class Collector : IStreamInvocationVisitor<Task<List<object?>>>
    {
        public async Task<List<object?>> Visit<T>(IAsyncEnumerable<T> stream, IValueCodec<T> codec)
        {
            var items = new List<object?>();
            await foreach (var item in stream)
            {
                items.Add(codec.Copy(item));
            }

            return items;
        }
    }
}
