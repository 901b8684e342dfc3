using System.Runtime.InteropServices;
using OrleansStream.Storage.Files;

namespace OrleansStream.Storage.Tests;

/// <summary>Writes past the page cache, and through it where they cannot go past.</summary>
public sealed unsafe class PhysicalLogFileTests : IDisposable
{
    private const int Block = 4096;

    private readonly string _directory = Directory.CreateTempSubdirectory("ostream-file-").FullName;
    private readonly byte* _memory = (byte*)NativeMemory.AlignedAlloc(4 * Block, Block);

    public PhysicalLogFileTests()
    {
        Random.Shared.NextBytes(new Span<byte>(_memory, 4 * Block));
    }

    public void Dispose()
    {
        NativeMemory.AlignedFree(_memory);
        Directory.Delete(_directory, recursive: true);
    }

    [Theory]
    [InlineData(0, 0, Block)]
    [InlineData(512, 512, 512)]
    [InlineData(7, 0, 512)]
    [InlineData(0, 3, 512)]
    [InlineData(0, 0, 100)]
    public void Write_IsReadBack_WhetherAlignedOrNot(int memoryOffset, int position, int length)
    {
        var path = Path.Combine(_directory, "file");
        var piece = Copy(memoryOffset, length);
        using (var file = PhysicalLogFileSystem.Instance.OpenWrite(path))
        {
            using var memory = new Piece(_memory + memoryOffset, length);
            file.Write([memory.Memory], position);
            file.Write([memory.Memory, memory.Memory], position + length);
        }

        File.ReadAllBytes(path)[position..].ShouldBe([.. piece, .. piece, .. piece]);
    }

    [Fact]
    public void Read_SeesEachWrite_WhenTheFileIsReadThroughThePageCacheMeanwhile()
    {
        var path = Path.Combine(_directory, "file");
        using var writer = PhysicalLogFileSystem.Instance.OpenWrite(path);
        using var reader = PhysicalLogFileSystem.Instance.OpenRead(path);
        var buffer = new byte[Block];
        for (var sector = 0; sector < 8; sector++)
        {
            using var memory = new Piece(_memory + (sector * 512), 512);
            writer.Write([memory.Memory], sector * 512);

            reader.Read(buffer, 0).ShouldBe((sector + 1) * 512);
            buffer.AsSpan(0, (sector + 1) * 512).SequenceEqual(Copy(0, (sector + 1) * 512)).ShouldBeTrue($"after sector {sector}");
        }
    }

    [Theory]
    [InlineData(0, 256 * 1024)]
    [InlineData(1, 256 * 1024)]
    [InlineData(511, 3 * 1024 * 1024 - 5)]
    [InlineData(4096, 1024 * 1024)]
    [InlineData(100_000, 4 * 1024 * 1024)]
    public void Read_GivesTheFilesBytes_WhenItIsLargeAndWhereverItBegins(int position, int length)
    {
        var path = Path.Combine(_directory, "file");
        var content = new byte[(3 * 1024 * 1024) + 777];
        Random.Shared.NextBytes(content);
        File.WriteAllBytes(path, content);
        using var file = PhysicalLogFileSystem.Instance.OpenRead(path);
        var buffer = new byte[length];

        var read = file.Read(buffer, position);

        read.ShouldBe(Math.Min(length, content.Length - position));
        buffer.AsSpan(0, read).SequenceEqual(content.AsSpan(position, read)).ShouldBeTrue();
    }

    private byte[] Copy(int offset, int length) => new ReadOnlySpan<byte>(_memory + offset, length).ToArray();

    private sealed class Piece(byte* pointer, int length) : System.Buffers.MemoryManager<byte>
    {
        public override Span<byte> GetSpan() => new(pointer, length);

        public override System.Buffers.MemoryHandle Pin(int elementIndex = 0) => new(pointer + elementIndex);

        public override void Unpin()
        {
        }

        protected override void Dispose(bool disposing)
        {
        }
    }
}
