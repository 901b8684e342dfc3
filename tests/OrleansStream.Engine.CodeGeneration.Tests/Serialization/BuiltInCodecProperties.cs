using FsCheck;
using FsCheck.Fluent;

namespace OrleansStream.Engine.CodeGeneration.Tests.Serialization;

public sealed class BuiltInCodecProperties
{
    [Fact]
    public void RoundTrip_KeepsValue_WhenIntegersAreOfAnySize()
    {
        Holds<bool>();
        Holds<byte>();
        Holds<short>();
        Holds<int>();
        Holds<uint>();
        Holds<long>();
        Holds<ulong>();
    }

    [Fact]
    public void RoundTrip_KeepsBits_WhenNumbersAreFractional()
    {
        Holds<float>((a, b) => BitConverter.SingleToInt32Bits(a) == BitConverter.SingleToInt32Bits(b));
        Holds<double>((a, b) => BitConverter.DoubleToInt64Bits(a) == BitConverter.DoubleToInt64Bits(b));
    }

    [Fact]
    public void RoundTrip_KeepsValue_WhenItIsTimeOrIdentity()
    {
        Holds<TimeSpan>();
        Holds<DateTimeOffset>((a, b) => a.EqualsExact(b));
        Holds<Guid>();
    }

    [Fact]
    public void RoundTrip_KeepsText_WhenItIsValidUnicode()
        => Holds<string?>((a, b) => a is null ? b is null : string.Equals(WithoutLoneSurrogates(a), b, StringComparison.Ordinal));

    [Fact]
    public void RoundTrip_KeepsElements_WhenCollectionsAreOfAnySize()
    {
        Holds<int[]>((a, b) => a.SequenceEqual(b));
        Holds<byte[]>((a, b) => a.SequenceEqual(b));
        Holds<int[][]>((a, b) => a.Length == b.Length && a.Zip(b).All(p => p.First.SequenceEqual(p.Second)));
        Holds<List<long>>((a, b) => a.SequenceEqual(b));
        Holds<Dictionary<int, long>>((a, b) => a.OrderBy(p => p.Key).SequenceEqual(b.OrderBy(p => p.Key)));
        Holds<int?>();
    }

    [Fact]
    public void Write_IsCanonical_WhenTheSameNumberIsWrittenTwice()
        => Prop.ForAll(ArbMap.Default.ArbFor<long>(), value => Wire.Write(value).SequenceEqual(Wire.Write(value))
            && Wire.Write(value).Length <= 10).QuickCheckThrowOnFailure();

    private static void Holds<T>(Func<T, T, bool>? equal = null)
    {
        equal ??= EqualityComparer<T>.Default.Equals!;
        Prop.ForAll(ArbMap.Default.ArbFor<T>(), value => equal(value, Wire.RoundTrip(value)) && equal(value, Wire.Copy(value)))
            .QuickCheckThrowOnFailure();
    }

    private static string WithoutLoneSurrogates(string text)
        => System.Text.Encoding.UTF8.GetString(System.Text.Encoding.UTF8.GetBytes(text));
}
