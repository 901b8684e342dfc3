using System.CommandLine;
using OrleansStream.Cli.Invocation;

namespace OrleansStream.Cli.Quotas;

/// <summary><c>ostream quotas</c>.</summary>
internal static class QuotasCommand
{
    /// <summary>Builds the command.</summary>
    public static Command Create(GlobalOptions global, CommandEnvironment environment) =>
        new("quotas", "Describes and alters the quotas of clients, users and addresses.")
        {
            QuotasDescribeCommand.Create(global, environment),
            QuotasAlterCommand.Create(global, environment),
        };
}
