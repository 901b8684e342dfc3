namespace OrleansStream.Engine.Identity;

/// <summary>
/// Hashes that are equal in every process and version, because placement is computed from them on each silo alone.
/// FNV-1a, finished with the MurmurHash3 mixers so that similar keys spread over all bits.
/// </summary>
internal static class StableHashCode
{
    public static int Of(ReadOnlySpan<byte> data)
    {
        var hash = Of64(data);
        return unchecked((int)(hash ^ (hash >> 32)));
    }

    public static ulong Of64(ReadOnlySpan<byte> data)
    {
        var hash = 14695981039346656037UL;
        foreach (var value in data)
        {
            hash = unchecked((hash ^ value) * 1099511628211UL);
        }

        return Mix(hash);
    }

    public static ulong Mix(ulong hash)
    {
        unchecked
        {
            hash ^= hash >> 33;
            hash *= 0xff51afd7ed558ccdUL;
            hash ^= hash >> 33;
            hash *= 0xc4ceb9fe1a85ec53UL;
            hash ^= hash >> 33;
            return hash;
        }
    }
}
