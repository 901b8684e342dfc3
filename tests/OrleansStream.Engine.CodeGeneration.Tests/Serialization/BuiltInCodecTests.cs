using System.Collections.Immutable;
using OrleansStream.Engine.CodeGeneration.Tests.Samples;

namespace OrleansStream.Engine.CodeGeneration.Tests.Serialization;

public sealed class BuiltInCodecTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(42)]
    [InlineData(43)]
    [InlineData(127)]
    [InlineData(128)]
    [InlineData(5000)]
    public void RoundTrip_KeepsText_WhenItsLengthIsAtAnEdge(int length)
    {
        foreach (var c in new[] { 'a', 'ä', '漢' })
        {
            var text = new string(c, length);
            Wire.RoundTrip<string?>(text).ShouldBe(text);
        }
    }

    [Fact]
    public void RoundTrip_KeepsText_WhenItHasSurrogatePairs() => Wire.RoundTrip<string?>("a😀b").ShouldBe("a😀b");

    [Fact]
    public void RoundTrip_KeepsExtremes_WhenNumbersHaveThem()
    {
        Wire.RoundTrip(long.MinValue).ShouldBe(long.MinValue);
        Wire.RoundTrip(long.MaxValue).ShouldBe(long.MaxValue);
        Wire.RoundTrip(ulong.MaxValue).ShouldBe(ulong.MaxValue);
        Wire.RoundTrip(int.MinValue).ShouldBe(int.MinValue);
        Wire.RoundTrip(double.NaN).ShouldBe(double.NaN);
        Wire.RoundTrip(TimeSpan.MinValue).ShouldBe(TimeSpan.MinValue);
        Wire.RoundTrip(DateTimeOffset.MaxValue).ShouldBe(DateTimeOffset.MaxValue);
        Wire.RoundTrip(new DateTimeOffset(2024, 2, 29, 1, 2, 3, TimeSpan.FromHours(-11))).Offset.ShouldBe(TimeSpan.FromHours(-11));
    }

    [Fact]
    public void RoundTrip_KeepsNull_WhereverNullIsPossible()
    {
        Wire.RoundTrip<string?>(null).ShouldBeNull();
        Wire.RoundTrip<byte[]?>(null).ShouldBeNull();
        Wire.RoundTrip<int[]?>(null).ShouldBeNull();
        Wire.RoundTrip<List<string>?>(null).ShouldBeNull();
        Wire.RoundTrip<Dictionary<string, int>?>(null).ShouldBeNull();
        Wire.RoundTrip<int?>(null).ShouldBeNull();
        Wire.RoundTrip<Point?>(null).ShouldBeNull();
        Wire.RoundTrip<IReadOnlyList<int>?>(null).ShouldBeNull();
        Wire.RoundTrip<IReadOnlyDictionary<int, int>?>(null).ShouldBeNull();
        Wire.RoundTrip(default(ImmutableArray<int>)).IsDefault.ShouldBeTrue();
    }

    [Fact]
    public void RoundTrip_KeepsEmptiness_ApartFromNull()
    {
        Wire.RoundTrip<string?>("").ShouldBe("");
        Wire.RoundTrip<byte[]?>([]).ShouldBeEmpty();
        Wire.RoundTrip<int[]?>([]).ShouldBeEmpty();
        Wire.RoundTrip<List<string>?>([]).ShouldBeEmpty();
        Wire.RoundTrip<Dictionary<string, int>?>([]).ShouldBeEmpty();
        Wire.RoundTrip(ImmutableArray<int>.Empty).IsDefault.ShouldBeFalse();
    }

    [Fact]
    public void RoundTrip_KeepsNullElements_WhenCollectionsHaveThem()
    {
        Wire.RoundTrip<string?[]?>(["a", null, ""]).ShouldBe(["a", null, ""]);
        Wire.RoundTrip<int?[]?>([1, null, 0]).ShouldBe([1, null, 0]);
        Wire.RoundTrip<Point?[]?>([null, new(1, 2)]).ShouldBe([null, new Point(1, 2)]);
        Wire.RoundTrip<int[]?[]?>([null, [], [1]]).ShouldBe([null, [], [1]]);
    }

    [Fact]
    public void RoundTrip_KeepsNumber_WhenAnEnumHasNoNameForIt()
    {
        Wire.RoundTrip(Colour.Red).ShouldBe(Colour.Red);
        Wire.RoundTrip((Colour)12345).ShouldBe((Colour)12345);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(MessageWriter.ReferenceThreshold - 1)]
    [InlineData(MessageWriter.ReferenceThreshold)]
    [InlineData(1 << 20)]
    public void RoundTrip_KeepsBytes_OnEitherSideOfTheReferenceThreshold(int length)
    {
        var bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        Wire.RoundTrip<byte[]?>(bytes).ShouldBe(bytes);
        Wire.RoundTrip<ReadOnlyMemory<byte>>(bytes).ToArray().ShouldBe(bytes);
    }

    [Fact]
    public void Read_SlicesTheMessage_WhenMemoryIsReadOnly()
    {
        var message = Wire.Write<ReadOnlyMemory<byte>>(new byte[] { 1, 2, 3 });
        var read = Wire.Read<ReadOnlyMemory<byte>>(message);
        message[^1] = 99;
        read.Span[2].ShouldBe((byte)99);
    }

    [Fact]
    public void Read_TakesBytesOfItsOwn_WhenItIsAnArray()
    {
        var message = Wire.Write<byte[]?>([1, 2, 3]);
        var array = Wire.Read<byte[]?>(message);
        message[^1] = 99;
        array![2].ShouldBe((byte)3);
    }

    [Fact]
    public void Get_NamesTypeAndRemedy_WhenThereIsNoCodec()
    {
        var error = Should.Throw<InvalidOperationException>(() => ValueCodecs.Get<List<Thread>>());
        error.Message.ShouldContain("System.Threading.Thread");
        error.Message.ShouldContain("[GenerateSerializer]");
    }

    [Fact]
    public void RoundTrip_WorksForGenericsClosedAtRunTime_WhenNoSourceNamesThem()
    {
        var value = new Result<List<Point>, string>([new(1, 2)], null);
        Wire.RoundTrip(value).Value.ShouldBe([new Point(1, 2)]);
        Wire.RoundTrip(new OuterOf<int>.Nested(5)).ShouldBe(new OuterOf<int>.Nested(5));
    }
}
