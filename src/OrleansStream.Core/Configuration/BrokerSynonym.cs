namespace OrleansStream.Core.Configuration;

/// <summary>A broker key that gives a topic key its value when the topic has none.</summary>
/// <param name="Name">The broker key.</param>
/// <param name="Factor">What one unit of the broker key is in units of the topic key: 3,600,000 for hours to milliseconds.</param>
public readonly record struct BrokerSynonym(string Name, long Factor = 1);
