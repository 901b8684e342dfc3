using OrleansStream.Cli.Invocation;

namespace OrleansStream.Cli.Tests.Invocation;

public sealed class DelimiterTests
{
    [Theory]
    [InlineData(":", new byte[] { 0x3A })]
    [InlineData("=>", new byte[] { 0x3D, 0x3E })]
    [InlineData("\\t", new byte[] { 9 })]
    [InlineData("\\0", new byte[] { 0 })]
    [InlineData("\\x1f|", new byte[] { 0x1F, 0x7C })]
    [InlineData("\\\\", new byte[] { 0x5C })]
    [InlineData("→", new byte[] { 0xE2, 0x86, 0x92 })]
    public void Parse_GivesTheBytes_ThatTheTextStandsFor(string text, byte[] expected) =>
        Delimiter.Parse("--key-separator", text).ShouldBe(expected);

    [Theory]
    [InlineData("")]
    [InlineData("\\")]
    [InlineData("\\q")]
    [InlineData("\\x1")]
    [InlineData("\\xzz")]
    public void Parse_IsAUsageError_WhenTheTextMeansNothing(string text)
    {
        var error = Should.Throw<CommandFailedException>(() => Delimiter.Parse("--key-separator", text));
        error.ExitCode.ShouldBe(ExitCode.Usage);
        error.Message.ShouldContain("--key-separator");
    }
}
