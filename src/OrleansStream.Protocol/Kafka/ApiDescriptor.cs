namespace OrleansStream.Protocol.Kafka;

/// <summary>The versions of one API.</summary>
/// <param name="Key">The API.</param>
/// <param name="MinVersion">The oldest version that the code reads and writes.</param>
/// <param name="MaxVersion">The newest one.</param>
/// <param name="AdvertisedMinVersion">The oldest version that ApiVersions shows.</param>
/// <param name="FlexibleFrom">The first version with compact lengths and tagged fields (KIP-482); <see cref="short.MaxValue"/> for none.</param>
public sealed record ApiDescriptor(ApiKey Key, short MinVersion, short MaxVersion, short AdvertisedMinVersion, short FlexibleFrom)
{
    /// <summary>Whether a version is served.</summary>
    public bool Supports(short version) => version >= MinVersion && version <= MaxVersion;

    /// <summary>The version of the request's header: 2 for flexible versions, else 1.</summary>
    public short RequestHeaderVersion(short version) => version >= FlexibleFrom ? (short)2 : (short)1;

    /// <summary>The version of the response's header: 1 for flexible versions, else 0; ApiVersions always has 0 (KIP-511).</summary>
    public short ResponseHeaderVersion(short version) => version >= FlexibleFrom && Key != ApiKey.ApiVersions ? (short)1 : (short)0;
}
