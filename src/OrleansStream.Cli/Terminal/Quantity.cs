using System.Globalization;

namespace OrleansStream.Cli.Terminal;

/// <summary>Numbers as people read them.</summary>
internal static class Quantity
{
    /// <summary>A count with thousands separated: 1,234,567.</summary>
    public static string Count(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>Bytes in the decimal unit that leaves one to three digits before the point: 1.2 GB.</summary>
    public static string Bytes(long value) => value switch
    {
        < 1_000 => string.Create(CultureInfo.InvariantCulture, $"{value} B"),
        < 1_000_000 => string.Create(CultureInfo.InvariantCulture, $"{value / 1e3:F1} kB"),
        < 1_000_000_000 => string.Create(CultureInfo.InvariantCulture, $"{value / 1e6:F1} MB"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{value / 1e9:F2} GB"),
    };

    /// <summary>"1 record", "2 records".</summary>
    public static string Of(long value, string noun) => $"{Count(value)} {noun}{(value == 1 ? "" : "s")}";
}
