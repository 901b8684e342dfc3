using OrleansStream.Protocol.Checksums;

namespace OrleansStream.Protocol.Tests.Checksums;

public sealed class Crc32CTests
{
    /// <summary>RFC 3720, appendix B.4, and the check value of the catalogue of CRC algorithms.</summary>
    public static TheoryData<string, byte[], uint> PublishedVectors => new()
    {
        { "32 zeros", new byte[32], 0x8A9136AAu },
        { "32 ones", [.. Enumerable.Repeat((byte)0xff, 32)], 0x62A8AB43u },
        { "32 ascending", [.. Enumerable.Range(0, 32).Select(i => (byte)i)], 0x46DD794Eu },
        { "32 descending", [.. Enumerable.Range(0, 32).Select(i => (byte)(31 - i))], 0x113FDB5Cu },
        {
            "iSCSI read command",
            Convert.FromHexString("01C00000000000000000000000000000" + "14000000000004000000001400000018" + "28000000000000000200000000000000"),
            0xD9963A56u
        },
        { "123456789", [.. "123456789"u8], 0xE3069283u },
        { "empty", [], 0u },
    };

    [Theory]
    [MemberData(nameof(PublishedVectors))]
    public void Compute_GivesPublishedValue_OnEveryPath(string name, byte[] data, uint expected)
    {
        Crc32C.Compute(data).ShouldBe(expected, name);
        (~Crc32CSoftware.Update(~0u, data)).ShouldBe(expected, name);
        if (Crc32CHardware.IsSupported)
        {
            (~Crc32CHardware.Update(~0u, data)).ShouldBe(expected, name);
        }

        if (Crc32CHardware.CanInterleave)
        {
            (~Crc32CHardware.UpdateInterleaved(~0u, data)).ShouldBe(expected, name);
        }
    }

    [Fact]
    public void Update_AgreesWithBitwiseDefinition_OnEveryPathAndLength()
    {
        var random = new Random(20240817);
        var data = new byte[20_011];
        random.NextBytes(data);
        int[] lengths = [.. Enumerable.Range(0, 1600), 2047, 2048, 2049, 6143, 6144, 6145, 6911, 12_288, 14_000, 20_000];
        foreach (var length in lengths)
        {
            // Unaligned starts as well.
            var slice = data.AsSpan(length % 11, length);
            var state = (uint)random.Next();
            var expected = BitwiseCrc32C.Update(state, slice);
            Crc32CSoftware.Update(state, slice).ShouldBe(expected, $"software, {length} bytes");
            if (Crc32CHardware.IsSupported)
            {
                Crc32CHardware.Update(state, slice).ShouldBe(expected, $"hardware, {length} bytes");
            }

            if (Crc32CHardware.CanInterleave)
            {
                Crc32CHardware.UpdateInterleaved(state, slice).ShouldBe(expected, $"interleaved, {length} bytes");
            }
        }
    }

    [Fact]
    public void Append_EqualsComputeOfTheWhole_WhenDataIsSplitAnywhere()
    {
        var data = new byte[7000];
        new Random(5).NextBytes(data);
        var expected = Crc32C.Compute(data);
        for (var split = 0; split <= data.Length; split += 61)
        {
            Crc32C.Append(Crc32C.Compute(data.AsSpan(0, split)), data.AsSpan(split)).ShouldBe(expected, $"split at {split}");
        }
    }

    [Fact]
    public void Hardware_IsUsed_WhenProcessorIsX64OrArm64()
    {
        // A silent fall-back to tables on the machines that count would cost a factor of ten.
        var isFast = System.Runtime.Intrinsics.X86.Sse42.X64.IsSupported || System.Runtime.Intrinsics.Arm.Crc32.Arm64.IsSupported;
        Crc32CHardware.IsSupported.ShouldBe(isFast && BitConverter.IsLittleEndian);
    }
}
