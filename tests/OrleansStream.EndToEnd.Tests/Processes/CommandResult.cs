using System.Security.Cryptography;
using System.Text;

namespace OrleansStream.EndToEnd.Tests.Processes;

/// <summary>What a program left when it ended.</summary>
internal sealed record CommandResult(int ExitCode, byte[] OutputBytes, string Error)
{
    public string Output => Encoding.UTF8.GetString(OutputBytes);

    public string OutputSha256 => Convert.ToHexStringLower(SHA256.HashData(OutputBytes));

    public void ShouldSucceed() => ExitCode.ShouldBe(0, Error);

    /// <summary>One line on stderr with the given text, nothing on stdout.</summary>
    public void ShouldFailWithOneLine(int exitCode, params string[] texts)
    {
        ExitCode.ShouldBe(exitCode, Error);
        foreach (var text in texts)
        {
            Error.ShouldContain(text);
        }

        Error.TrimEnd('\n').ShouldNotContain('\n');
        OutputBytes.ShouldBeEmpty();
    }
}
