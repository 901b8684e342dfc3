namespace OrleansStream.Protocol.Kafka;

/// <content>Look-up.</content>
public static partial class KafkaApis
{
    /// <summary>The API with a number; null for an unknown one.</summary>
    public static ApiDescriptor? Find(short key) => key >= 0 && key < Index.ByKey.Length ? Index.ByKey[key] : null;

    // A class of its own, so that it is initialized after the generated table.
    private static class Index
    {
        public static readonly ApiDescriptor?[] ByKey = Build();

        private static ApiDescriptor?[] Build()
        {
            var index = new ApiDescriptor?[All.Max(api => (short)api.Key) + 1];
            foreach (var api in All)
            {
                index[(short)api.Key] = api;
            }

            return index;
        }
    }
}
