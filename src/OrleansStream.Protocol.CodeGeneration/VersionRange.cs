using System.Globalization;

namespace OrleansStream.Protocol.CodeGeneration;

/// <summary>A range of API versions, both ends included: <c>3-9</c>, <c>7+</c>, <c>4</c>.</summary>
internal readonly struct VersionRange : IEquatable<VersionRange>
{
    /// <summary>A version that is above every other.</summary>
    public const int Unbounded = short.MaxValue;

    public VersionRange(int min, int max)
    {
        Min = min;
        Max = max;
    }

    public static VersionRange All { get; } = new VersionRange(0, Unbounded);

    public static VersionRange None { get; } = new VersionRange(1, 0);

    public int Min { get; }

    public int Max { get; }

    public bool IsEmpty => Min > Max;

    public static bool TryParse(string text, out VersionRange range)
    {
        range = default;
        if (text.EndsWith("+", StringComparison.Ordinal))
        {
            if (!TryNumber(text.Substring(0, text.Length - 1), out var from))
            {
                return false;
            }

            range = new VersionRange(from, Unbounded);
            return true;
        }

        var dash = text.IndexOf('-');
        if (!TryNumber(dash < 0 ? text : text.Substring(0, dash), out var min)
            || !TryNumber(dash < 0 ? text : text.Substring(dash + 1), out var max))
        {
            return false;
        }

        range = new VersionRange(min, max);
        return min <= max;
    }

    public VersionRange Intersect(VersionRange other) => new VersionRange(Math.Max(Min, other.Min), Math.Min(Max, other.Max));

    public bool Contains(VersionRange other) => other.IsEmpty || (Min <= other.Min && Max >= other.Max);

    public bool Equals(VersionRange other) => Min == other.Min && Max == other.Max;

    public override bool Equals(object? obj) => obj is VersionRange other && Equals(other);

    public override int GetHashCode() => (Min * 31) + Max;

    private static bool TryNumber(string text, out int value)
        => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value) && value < Unbounded;
}
