using System.Diagnostics;
using System.Text;
using OrleansStream.Protocol.Records;

namespace OrleansStream.Client;

/// <summary>W3C Trace Context in record headers.</summary>
public static class TraceContext
{
    /// <summary>The header that names trace and parent span.</summary>
    public const string TraceParentHeader = "traceparent";

    /// <summary>The header with the vendors' own state.</summary>
    public const string TraceStateHeader = "tracestate";

    internal static bool IsActive => Activity.Current is { IdFormat: ActivityIdFormat.W3C };

    /// <summary>The context that a record carries; false if it carries none or a malformed one.</summary>
    public static bool TryExtract(IReadOnlyList<RecordHeader> headers, out ActivityContext context)
    {
        ArgumentNullException.ThrowIfNull(headers);
        string? parent = null;
        string? state = null;
        foreach (var header in headers)
        {
            parent = header.Key == TraceParentHeader ? header.GetString() : parent;
            state = header.Key == TraceStateHeader ? header.GetString() : state;
        }

        return ActivityContext.TryParse(parent, state, isRemote: true, out context);
    }

    /// <summary>The headers with the current activity's context; headers that have one already are left alone.</summary>
    internal static ReadOnlySpan<RecordHeader> AddTo(Headers? headers)
    {
        var activity = Activity.Current;
        if (activity?.Id is not { } id || headers?.TryGetLast(TraceParentHeader, out _) == true)
        {
            return headers is null ? default : headers.Span;
        }

        var own = headers is null ? default : headers.Span;
        var state = activity.TraceStateString;
        var result = new RecordHeader[own.Length + (string.IsNullOrEmpty(state) ? 1 : 2)];
        own.CopyTo(result);
        result[own.Length] = new RecordHeader(TraceParentHeader, Encoding.ASCII.GetBytes(id));
        if (!string.IsNullOrEmpty(state))
        {
            result[^1] = new RecordHeader(TraceStateHeader, Encoding.ASCII.GetBytes(state));
        }

        return result;
    }

    internal static Activity? StartProduce(string topic)
        => ClientDiagnostics.Source.StartActivity($"send {topic}", ActivityKind.Producer)
            ?.SetTag("messaging.system", "orleansstream")
            .SetTag("messaging.operation.type", "send")
            .SetTag("messaging.destination.name", topic);
}
