using System.Collections;
using System.Globalization;

namespace OrleansStream.Engine.CodeGeneration.Tests.Serialization;

/// <summary>A value with everything in it as text, to compare values that have no equality of their own.</summary>
internal static class Shown
{
    public static string Of(object? value) => value switch
    {
        null => "null",
        string s => $"\"{s}\"",
        ReadOnlyMemory<byte> memory => Convert.ToHexString(memory.Span),
        Memory<byte> memory => Convert.ToHexString(memory.Span),
        DateTimeOffset time => time.ToString("O", CultureInfo.InvariantCulture),
        IEnumerable when value.GetType() is { IsValueType: true } type && type.GetProperty("IsDefault")?.GetValue(value) is true => "default",
        IEnumerable items => $"[{string.Join(", ", items.Cast<object?>().Select(Of))}]",
        IFormattable formattable => formattable.ToString(null, CultureInfo.InvariantCulture),
        bool b => b.ToString(),
        _ => $"{value.GetType().Name} {{ {string.Join("\n", value.GetType().GetProperties().Select(p => $"{p.Name} = {Of(p.GetValue(value))}"))} }}",
    };
}
