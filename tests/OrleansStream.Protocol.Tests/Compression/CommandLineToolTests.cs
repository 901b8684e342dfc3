using System.Diagnostics;
using OrleansStream.Protocol.Compression;

namespace OrleansStream.Protocol.Tests.Compression;

/// <summary>What the codecs write, the tools of the formats read. The tools are compulsory: test.sh installs them.</summary>
public sealed class CommandLineToolTests
{
    [Theory]
    [InlineData(CompressionType.Gzip, "gzip", null)]
    [InlineData(CompressionType.Gzip, "gzip", 0)]
    [InlineData(CompressionType.Gzip, "gzip", 9)]
    [InlineData(CompressionType.Lz4, "lz4", null)]
    [InlineData(CompressionType.Lz4, "lz4", 12)]
    [InlineData(CompressionType.Zstd, "zstd", null)]
    [InlineData(CompressionType.Zstd, "zstd", -7)]
    [InlineData(CompressionType.Zstd, "zstd", 19)]
    public async Task Compress_WritesWhatTheToolReads_AtAnyLevelAsync(CompressionType type, string tool, int? level)
    {
        foreach (var length in new[] { 1, 100, 65_536, 65_537, 1_000_000 })
        {
            var plain = CodecTests.Text(length);
            using var compressed = new PooledBufferWriter();
            CompressionCodecs.Get(type).Compress(plain, compressed, level);
            (await DecompressAsync(tool, compressed.WrittenMemory)).AsSpan().SequenceEqual(plain).ShouldBeTrue($"{tool}, {length} bytes");
        }
    }

    private static async Task<byte[]> DecompressAsync(string tool, ReadOnlyMemory<byte> input)
    {
        var start = new ProcessStartInfo(tool, ["-d", "-c"]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Start(start);
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        var output = new MemoryStream();
        var reading = process.StandardOutput.BaseStream.CopyToAsync(output, timeout.Token);
        var errors = process.StandardError.ReadToEndAsync(timeout.Token);
        await process.StandardInput.BaseStream.WriteAsync(input, timeout.Token);
        process.StandardInput.Close();
        await reading;
        await process.WaitForExitAsync(timeout.Token);
        process.ExitCode.ShouldBe(0, $"{tool}: {await errors}");
        return output.ToArray();
    }

    private static Process Start(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start).ShouldNotBeNull();
        }
        catch (System.ComponentModel.Win32Exception exception)
        {
            throw new InvalidOperationException($"The tool {start.FileName} is not installed (Debian: apt-get install {start.FileName}).", exception);
        }
    }
}
