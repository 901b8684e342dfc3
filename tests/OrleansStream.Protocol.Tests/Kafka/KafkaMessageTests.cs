using System.Security.Cryptography;
using OrleansStream.Protocol.Kafka;

namespace OrleansStream.Protocol.Tests.Kafka;

public sealed class KafkaMessageTests
{
    [Theory]
    [MemberData(nameof(KafkaMessages.Names), MemberType = typeof(KafkaMessages))]
    public void Read_GivesBackWhatWasWritten(string name, short version)
    {
        var message = KafkaMessages.Find(name, version);
        foreach (var original in new[] { KafkaMessages.Filled(message.Type), KafkaMessages.Empty(message.Type) })
        {
            var bytes = KafkaMessages.Write(original, version);

            var read = message.Read(bytes, out var remaining);

            remaining.ShouldBe(0);
            KafkaMessages.Write(read, version).ShouldBe(bytes);
        }
    }

    [Theory]
    [MemberData(nameof(KafkaMessages.Names), MemberType = typeof(KafkaMessages))]
    public void Read_Throws_WhenTheMessageEndsEarly(string name, short version)
    {
        var message = KafkaMessages.Find(name, version);
        var bytes = KafkaMessages.Write(KafkaMessages.Filled(message.Type), version);
        for (var length = 0; length < bytes.Length; length++)
        {
            var cut = bytes.AsMemory(0, length);
            Should.Throw<KafkaProtocolException>(() => message.Read(cut, out _), $"{name} v{version} cut after {length} of {bytes.Length} bytes");
        }
    }

    [Theory]
    [MemberData(nameof(KafkaMessages.Names), MemberType = typeof(KafkaMessages))]
    public void Read_ThrowsNothingElse_WhenAByteIsWrong(string name, short version)
    {
        var message = KafkaMessages.Find(name, version);
        var bytes = KafkaMessages.Write(KafkaMessages.Filled(message.Type), version);
        foreach (var value in new byte[] { 0x00, 0x7F, 0x80, 0xFF })
        {
            for (var position = 0; position < bytes.Length; position++)
            {
                var changed = bytes.ToArray();
                changed[position] = value;
                try
                {
                    message.Read(changed, out _);
                }
                catch (KafkaProtocolException)
                {
                    // The one exception that a wrong message may raise.
                }
            }
        }
    }

    /// <summary>The bytes of every message and version are frozen: a change of a field table shows here.</summary>
    [Fact]
    public async Task Write_IsFrozen_ForEveryMessageAndVersion()
    {
        var lines = KafkaMessages.All.Select(message =>
        {
            var bytes = KafkaMessages.Write(KafkaMessages.Filled(message.Type), message.Version);
            return $"{message.Type.Name} v{message.Version} {bytes.Length} {Convert.ToHexStringLower(SHA256.HashData(bytes))[..16]}";
        });
        var actual = string.Join('\n', lines) + "\n";
        var path = Path.Combine(AppContext.BaseDirectory, "Kafka", "frozen-messages.txt");
        var expected = await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken);
        if (actual != expected)
        {
            var written = Path.Combine(AppContext.BaseDirectory, "frozen-messages.actual.txt");
            await File.WriteAllTextAsync(written, actual, TestContext.Current.CancellationToken);
            Assert.Fail($"The encoding of a message has changed; compare {path} with {written}.");
        }
    }
}
