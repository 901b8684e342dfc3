using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using ArmAes = System.Runtime.Intrinsics.Arm.Aes;
using ArmCrc32 = System.Runtime.Intrinsics.Arm.Crc32;

namespace OrleansStream.Protocol.Checksums;

/// <summary>
/// The processor's CRC-32C instruction. It takes a word per cycle but answers after three, so a long input is cut into
/// three streams that run side by side; their checksums are joined by a carry-less multiplication with x^(8n) mod P,
/// which is what n zero bytes do to a checksum.
/// </summary>
internal static class Crc32CHardware
{
    /// <summary>From this length on, interleaving pays.</summary>
    public const int MinInterleavedBytes = 3 * SmallBlock;

    private const int LargeBlock = 2048;
    private const int MediumBlock = 256;
    private const int SmallBlock = 64;

    private static readonly uint LargeShift = ShiftConstant(LargeBlock);
    private static readonly uint MediumShift = ShiftConstant(MediumBlock);
    private static readonly uint SmallShift = ShiftConstant(SmallBlock);

    /// <summary>The processor has the instruction for 64-bit words.</summary>
    public static bool IsSupported => BitConverter.IsLittleEndian && (Sse42.X64.IsSupported || ArmCrc32.Arm64.IsSupported);

    /// <summary>The processor can also multiply without carries.</summary>
    public static bool CanInterleave => IsSupported && (Pclmulqdq.IsSupported || ArmAes.IsSupported);

    /// <summary>Advances the (inverted) state over <paramref name="data"/> in one stream.</summary>
    public static uint Update(uint state, ReadOnlySpan<byte> data)
    {
        ref var source = ref MemoryMarshal.GetReference(data);
        nuint position = 0;
        var words = (nuint)data.Length & ~(nuint)7;
        for (; position < words; position += 8)
        {
            state = Step(state, Load(ref source, position));
        }

        for (; position < (nuint)data.Length; position++)
        {
            state = StepByte(state, Unsafe.Add(ref source, position));
        }

        return state;
    }

    /// <summary>Advances the (inverted) state over <paramref name="data"/> in three streams.</summary>
    public static uint UpdateInterleaved(uint state, ReadOnlySpan<byte> data)
    {
        if (data.Length >= 3 * LargeBlock)
        {
            state = UpdateTriples(state, ref data, LargeBlock, LargeShift);
        }

        if (data.Length >= 3 * MediumBlock)
        {
            state = UpdateTriples(state, ref data, MediumBlock, MediumShift);
        }

        if (data.Length >= 3 * SmallBlock)
        {
            state = UpdateTriples(state, ref data, SmallBlock, SmallShift);
        }

        return Update(state, data);
    }

    private static uint UpdateTriples(uint state, ref ReadOnlySpan<byte> data, [ConstantExpected] int block, uint shift)
    {
        ref var source = ref MemoryMarshal.GetReference(data);
        var length = (nuint)block;
        var triples = data.Length / (3 * block);
        for (var i = 0; i < triples; i++)
        {
            uint first = state, second = 0, third = 0;
            ref var secondSource = ref Unsafe.Add(ref source, length);
            ref var thirdSource = ref Unsafe.Add(ref source, length * 2);
            for (nuint position = 0; position < length; position += 16)
            {
                first = Step(first, Load(ref source, position));
                second = Step(second, Load(ref secondSource, position));
                third = Step(third, Load(ref thirdSource, position));
                first = Step(first, Load(ref source, position + 8));
                second = Step(second, Load(ref secondSource, position + 8));
                third = Step(third, Load(ref thirdSource, position + 8));
            }

            state = Shift(Shift(first, shift) ^ second, shift) ^ third;
            source = ref Unsafe.Add(ref source, length * 3);
        }

        data = data[(triples * 3 * block)..];
        return state;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Load(ref byte source, nuint position) =>
        Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref source, position));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Step(uint state, ulong word) => Sse42.X64.IsSupported
        ? (uint)Sse42.X64.Crc32(state, word)
        : ArmCrc32.Arm64.ComputeCrc32C(state, word);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint StepByte(uint state, byte value) => Sse42.IsSupported
        ? Sse42.Crc32(state, value)
        : ArmCrc32.ComputeCrc32C(state, value);

    /// <summary>
    /// Multiplies two reflected polynomials. The product of two 32-bit values read as a reflected 64-bit word carries
    /// one factor x too many and the CRC step 32 more, hence the 33 in <see cref="ShiftConstant"/>.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Shift(uint state, uint constant)
    {
        var product = Pclmulqdq.IsSupported
            ? Pclmulqdq.CarrylessMultiply(Vector128.CreateScalar((ulong)state), Vector128.CreateScalar((ulong)constant), 0).ToScalar()
            : ArmAes.PolynomialMultiplyWideningLower(Vector64.CreateScalar((ulong)state), Vector64.CreateScalar((ulong)constant)).ToScalar();
        return Step(0, product);
    }

    /// <summary>x^(8·bytes − 33) mod P, reflected.</summary>
    private static uint ShiftConstant(int bytes)
    {
        // In the reflected form x^0 is the top bit and a multiplication by x shifts right.
        var power = 0x80000000u;
        for (var i = 0; i < (8 * bytes) - 33; i++)
        {
            power = (power >> 1) ^ ((power & 1) != 0 ? Crc32CSoftware.Polynomial : 0);
        }

        return power;
    }
}
