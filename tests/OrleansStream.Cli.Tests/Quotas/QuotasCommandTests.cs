using NSubstitute;
using OrleansStream.Abstractions;
using OrleansStream.Cli.Invocation;
using OrleansStream.Cli.Tests.Fakes;

namespace OrleansStream.Cli.Tests.Quotas;

public sealed class QuotasCommandTests
{
    private readonly FakeClient _client = new();
    private readonly TestEnvironment _environment;

    public QuotasCommandTests() => _environment = new TestEnvironment { Connect = _ => _client };

    [Fact]
    public async Task Describe_WritesOneQuotaALine_AndPassesTheFilterOn()
    {
        QuotaFilterPart[]? asked = null;
        _client.Admin.DescribeClientQuotasAsync(Arg.Do<IEnumerable<QuotaFilterPart>>(filter => asked = [.. filter]), Arg.Any<bool>(), Arg.Any<CancellationToken>()).Returns(
        [
            new ClientQuota([new("client-id", "slow")], [new("consumer_byte_rate", 1048576), new("request_percentage", 12.5)]),
            new ClientQuota([new("user", null), new("client-id", "slow")], [new("producer_byte_rate", 1)]),
        ]);

        (await _environment.RunAsync("quotas", "describe", "--client-id", "slow", "--default-user")).ShouldBe(ExitCode.Success, _environment.Error);

        asked.ShouldBe([new QuotaFilterPart("user", QuotaMatch.Default, null), new QuotaFilterPart("client-id", QuotaMatch.Exact, "slow")]);
        _environment.Output.ShouldBe("""
            USER       CLIENT-ID  IP  QUOTA               VALUE
            -          slow       -   consumer_byte_rate  1048576
            -          slow       -   request_percentage  12.5
            <default>  slow       -   producer_byte_rate  1

            """.ReplaceLineEndings("\n"));
    }

    [Fact]
    public async Task Describe_WritesAnArray_WhenJsonIsWanted()
    {
        _client.Admin.DescribeClientQuotasAsync(default, default, TestContext.Current.CancellationToken).ReturnsForAnyArgs(
            [new ClientQuota([new("user", null), new("client-id", "slow")], [new("producer_byte_rate", 1024)])]);

        (await _environment.RunAsync("quotas", "describe", "--json")).ShouldBe(ExitCode.Success, _environment.Error);

        _environment.Output.ShouldBe("""[{"entity":{"user":null,"client-id":"slow"},"quotas":{"producer_byte_rate":1024}}]""" + "\n");
    }

    [Fact]
    public async Task Alter_SendsChanges_AndSaysWhatWasDone()
    {
        QuotaAlteration? asked = null;
        _client.Admin.AlterClientQuotasAsync(Arg.Do<IEnumerable<QuotaAlteration>>(alterations => asked = alterations.Single()), false, Arg.Any<CancellationToken>())
            .Returns([new QuotaAlterationResult([], ErrorCode.None, null)]);

        (await _environment.RunAsync("quotas", "alter", "--client-id", "slow", "--set", "producer_byte_rate=1048576", "--delete", "consumer_byte_rate"))
            .ShouldBe(ExitCode.Success, _environment.Error);

        asked.ShouldNotBeNull().Entity.ShouldBe([new QuotaEntityPart("client-id", "slow")]);
        asked.Changes.ShouldBe([new QuotaValueChange("producer_byte_rate", 1048576), new QuotaValueChange("consumer_byte_rate", null)]);
        _environment.Error.ShouldContain("quotas of client-id 'slow' altered");
    }

    [Fact]
    public async Task Alter_SaysWhy_WhenItIsRefused()
    {
        _client.Admin.AlterClientQuotasAsync([], default, TestContext.Current.CancellationToken)
            .ReturnsForAnyArgs([new QuotaAlterationResult([], ErrorCode.InvalidRequest, "Invalid configuration key x")]);

        (await _environment.RunAsync("quotas", "alter", "--default-user", "--set", "x=1")).ShouldBe(ExitCode.Failed);

        _environment.Error.ShouldContain("the quotas of default user were not altered: Invalid configuration key x");
    }

    [Theory]
    [InlineData("nobody to alter", "--set", "producer_byte_rate=1")]
    [InlineData("nothing to alter", "--client-id", "slow")]
    [InlineData("it must be a number", "--client-id", "slow", "--set", "producer_byte_rate=fast")]
    [InlineData("is not KEY=VALUE", "--client-id", "slow", "--set", "producer_byte_rate")]
    [InlineData("do not go together", "--client-id", "slow", "--default-client-id", "--set", "producer_byte_rate=1")]
    public async Task Alter_IsRefused_WhenTheCommandLineMakesNoSense(string message, params string[] args)
    {
        (await _environment.RunAsync(["quotas", "alter", .. args])).ShouldBe(ExitCode.Usage);

        _environment.Error.ShouldContain(message);
    }
}
