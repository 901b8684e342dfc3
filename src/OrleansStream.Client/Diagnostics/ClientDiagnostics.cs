using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace OrleansStream.Client;

/// <summary>The names under which the client's metrics and traces are found.</summary>
public static class ClientDiagnostics
{
    /// <summary>The name of the meter (<c>AddMeter</c> in OpenTelemetry).</summary>
    public const string MeterName = "OrleansStream.Client";

    /// <summary>The name of the activity source (<c>AddSource</c> in OpenTelemetry).</summary>
    public const string ActivitySourceName = "OrleansStream.Client";

    internal static Meter Meter { get; } = new(MeterName);

    internal static ActivitySource Source { get; } = new(ActivitySourceName);
}
