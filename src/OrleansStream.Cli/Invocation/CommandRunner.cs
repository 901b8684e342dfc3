using System.CommandLine;
using System.CommandLine.Parsing;
using Microsoft.Extensions.Options;
using OrleansStream.Cli.Terminal;
using OrleansStream.Client;

namespace OrleansStream.Cli.Invocation;

/// <summary>Runs one command line and turns every outcome into an exit code and at most one line on stderr.</summary>
internal static class CommandRunner
{
    /// <summary>Runs the command line.</summary>
    /// <param name="args">The arguments.</param>
    /// <param name="environment">The command's world.</param>
    /// <param name="cancellationToken">Ctrl-C and SIGTERM.</param>
    /// <returns>The exit code, see <see cref="ExitCode"/>.</returns>
    public static async Task<int> RunAsync(string[] args, CommandEnvironment environment, CancellationToken cancellationToken)
    {
        // Without response files: an argument that begins with @ is data like any other.
        var parse = CommandLineRoot.Create(environment).Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (FindUsageError(parse, args) is { } usageError)
        {
            return Fail(environment, ExitCode.Usage, $"{usageError} See {PathOf(parse)} --help.");
        }

        try
        {
            using var help = environment.OpenText();
            return await parse.InvokeAsync(
                new InvocationConfiguration
                {
                    EnableDefaultExceptionHandler = false,
                    ProcessTerminationTimeout = null,
                    Output = help,
                    Error = environment.Error,
                },
                cancellationToken).ConfigureAwait(false);
        }
        catch (OutputClosedException)
        {
            return ExitCode.Success;
        }
        catch (CommandFailedException failure)
        {
            return Fail(environment, failure.ExitCode, failure.Message);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return ExitCode.Interrupted;
        }
        catch (BrokerUnavailableException failure)
        {
            return Fail(environment, ExitCode.Failed, $"{failure.Message} Another address goes into --bootstrap HOST:PORT or --zookeeper HOST:PORT/chroot.");
        }
        catch (OptionsValidationException failure)
        {
            // The client names its own option; here it has another name.
            return Fail(environment, ExitCode.Usage, failure.Message
                .Replace("OrleansStreamClient.Bootstrap", "--bootstrap", StringComparison.Ordinal)
                .Replace("OrleansStreamClient.ZooKeeper", "--zookeeper", StringComparison.Ordinal));
        }
        catch (Exception failure) when (failure is OrleansStreamException or IOException or UnauthorizedAccessException or TimeoutException)
        {
            return Fail(environment, ExitCode.Failed, failure.Message);
        }
        catch (Exception failure)
        {
            // Nothing above expects it, so whoever repairs it needs to see all of it.
            environment.Error.WriteLine($"ostream: this is a fault in ostream: {failure}");
            return ExitCode.Failed;
        }
    }

    /// <summary>The first thing that is wrong, as the user sees it: a word nobody knows comes before what is missing because of it.</summary>
    private static string? FindUsageError(ParseResult parse, string[] args)
    {
        if (!args.Contains("--"))
        {
            var unknown = parse.CommandResult.Children.OfType<ArgumentResult>()
                .SelectMany(argument => argument.Tokens)
                .FirstOrDefault(token => token.Value.Length > 1 && token.Value[0] == '-');
            if (unknown is not null)
            {
                return $"there is no option {unknown.Value}.";
            }
        }

        return parse.UnmatchedTokens.Count > 0
            ? $"'{parse.UnmatchedTokens[0]}' is not understood here."
            : parse.Errors.Count > 0 ? parse.Errors[0].Message : null;
    }

    private static int Fail(CommandEnvironment environment, int exitCode, string message)
    {
        environment.Error.WriteLine($"ostream: {message.ReplaceLineEndings(" ")}");
        return exitCode;
    }

    private static string PathOf(ParseResult parse)
    {
        var names = new Stack<string>();
        for (var command = parse.CommandResult; command is not null; command = command.Parent as CommandResult)
        {
            names.Push(command.Command is RootCommand ? "ostream" : command.Command.Name);
        }

        return string.Join(' ', names);
    }
}
