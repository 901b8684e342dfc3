namespace OrleansStream.Protocol.Kafka;

/// <content>Look-up.</content>
public static partial class KafkaApis
{
    private static readonly ApiDescriptor?[] ByKey = BuildIndex();

    /// <summary>The API with a number; null for an unknown one.</summary>
    public static ApiDescriptor? Find(short key) => key >= 0 && key < ByKey.Length ? ByKey[key] : null;

    private static ApiDescriptor?[] BuildIndex()
    {
        var index = new ApiDescriptor?[All.Max(api => (short)api.Key) + 1];
        foreach (var api in All)
        {
            index[(short)api.Key] = api;
        }

        return index;
    }
}
