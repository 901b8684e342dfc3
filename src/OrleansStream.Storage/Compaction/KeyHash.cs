using System.Buffers.Binary;
using System.Numerics;
using System.Security.Cryptography;

namespace OrleansStream.Storage.Compaction;

/// <summary>
/// 128 bits that stand for a record's key: SipHash-2-4 (Aumasson and Bernstein) with a random secret for each instance. Two
/// different keys with the same hash would cost one of them its records; with the secret nobody can choose such keys.
/// </summary>
internal readonly struct KeyHash
{
    private readonly ulong _secret0;
    private readonly ulong _secret1;

    private KeyHash(ulong secret0, ulong secret1)
    {
        _secret0 = secret0;
        _secret1 = secret1;
    }

    /// <summary>A hash function of its own.</summary>
    public static KeyHash WithRandomSecret()
    {
        Span<byte> secret = stackalloc byte[16];
        RandomNumberGenerator.Fill(secret);
        return WithSecret(secret);
    }

    /// <summary>The hash function of a secret of 16 bytes.</summary>
    public static KeyHash WithSecret(ReadOnlySpan<byte> secret) =>
        new(BinaryPrimitives.ReadUInt64LittleEndian(secret), BinaryPrimitives.ReadUInt64LittleEndian(secret[8..]));

    /// <summary>The hash of a key.</summary>
    public (ulong Low, ulong High) Of(ReadOnlySpan<byte> key)
    {
        var state = new State(_secret0, _secret1);
        var last = (ulong)key.Length << 56;
        while (key.Length >= 8)
        {
            state.Add(BinaryPrimitives.ReadUInt64LittleEndian(key));
            key = key[8..];
        }

        for (var i = 0; i < key.Length; i++)
        {
            last |= (ulong)key[i] << (8 * i);
        }

        state.Add(last);
        return state.Finish();
    }

    private struct State(ulong secret0, ulong secret1)
    {
        private ulong _v0 = 0x736f6d6570736575 ^ secret0;
        private ulong _v1 = 0x646f72616e646f6d ^ secret1 ^ 0xee;
        private ulong _v2 = 0x6c7967656e657261 ^ secret0;
        private ulong _v3 = 0x7465646279746573 ^ secret1;

        public void Add(ulong word)
        {
            _v3 ^= word;
            Round();
            Round();
            _v0 ^= word;
        }

        public (ulong Low, ulong High) Finish()
        {
            _v2 ^= 0xee;
            FourRounds();
            var low = _v0 ^ _v1 ^ _v2 ^ _v3;
            _v1 ^= 0xdd;
            FourRounds();
            return (low, _v0 ^ _v1 ^ _v2 ^ _v3);
        }

        private void FourRounds()
        {
            Round();
            Round();
            Round();
            Round();
        }

        private void Round()
        {
            _v0 += _v1;
            _v1 = BitOperations.RotateLeft(_v1, 13) ^ _v0;
            _v0 = BitOperations.RotateLeft(_v0, 32);
            _v2 += _v3;
            _v3 = BitOperations.RotateLeft(_v3, 16) ^ _v2;
            _v0 += _v3;
            _v3 = BitOperations.RotateLeft(_v3, 21) ^ _v0;
            _v2 += _v1;
            _v1 = BitOperations.RotateLeft(_v1, 17) ^ _v2;
            _v2 = BitOperations.RotateLeft(_v2, 32);
        }
    }
}
