using System.Globalization;

namespace OrleansStream.Grains.Placement;

/// <summary>A broker's silo is named <c>broker-&lt;id&gt;</c>.</summary>
public static class BrokerSiloName
{
    private const string Prefix = "broker-";

    /// <summary>The name of a broker's silo.</summary>
    public static string For(int brokerId) => Prefix + brokerId.ToString(CultureInfo.InvariantCulture);

    /// <summary>The broker of a silo.</summary>
    /// <returns>False for a silo that is no broker.</returns>
    public static bool TryParse(string? siloName, out int brokerId)
    {
        brokerId = -1;
        return siloName is not null
            && siloName.StartsWith(Prefix, StringComparison.Ordinal)
            && int.TryParse(siloName.AsSpan(Prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out brokerId);
    }
}
