namespace OrleansStream.Metadata.Registry;

/// <summary>A change of a configuration that others should look at.</summary>
/// <param name="Sequence">Its number; larger for later ones.</param>
/// <param name="EntityPath">What was changed, for <see cref="ConfigEntity.TryParse"/>.</param>
public readonly record struct ConfigNotification(long Sequence, string EntityPath);
