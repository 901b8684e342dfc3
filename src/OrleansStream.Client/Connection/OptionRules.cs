using System.Globalization;
using Microsoft.Extensions.Options;

namespace OrleansStream.Client;

/// <summary>Collects broken rules of one options object, so that all are told at once.</summary>
internal sealed class OptionRules(string section)
{
    private readonly List<string> _failures = [];

    public void Check(bool holds, string key, object? value, string rule)
    {
        if (!holds)
        {
            _failures.Add(string.Create(CultureInfo.InvariantCulture, $"{section}.{key} is '{value}'; it {rule}."));
        }
    }

    public void InRange(string key, long value, long min, long max)
        => Check(value >= min && value <= max, key, value, string.Create(CultureInfo.InvariantCulture, $"must be from {min} to {max}"));

    public void Positive(string key, TimeSpan value) => Check(value > TimeSpan.Zero, key, value, "must be positive");

    public void ThrowIfBroken()
    {
        if (_failures.Count > 0)
        {
            throw new OptionsValidationException(section, typeof(OptionRules), _failures);
        }
    }
}
