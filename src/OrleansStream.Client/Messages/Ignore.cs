namespace OrleansStream.Client;

/// <summary>
/// The type of a key or value that a consumer does not want to look at: it has no instances, whatever the record holds.
/// </summary>
public sealed class Ignore
{
    private Ignore()
    {
    }
}
