namespace OrleansStream.Client;

/// <summary>
/// The type of a key or value that is always null: it has no instances.
/// <c>IProducer&lt;Null, byte[]&gt;</c> writes records without key.
/// </summary>
public sealed class Null
{
    private Null()
    {
    }
}
