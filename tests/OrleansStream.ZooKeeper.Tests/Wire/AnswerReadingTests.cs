using OrleansStream.Metadata;
using OrleansStream.ZooKeeper.Requests;
using OrleansStream.ZooKeeper.Wire;

namespace OrleansStream.ZooKeeper.Tests.Wire;

public sealed class AnswerReadingTests
{
    private static readonly MultiOperation[] Operations =
    [
        new MultiOperation.Create("/a", new byte[3], CreateMode.EphemeralSequential), new MultiOperation.Check("/b", 0), new MultiOperation.Delete("/c", 0),
    ];

    private static readonly byte[] MultiSuccess = Convert.FromHexString(
        "000000010000000000" + "000000052f722f6130" + "0000000d0000000000" + "000000020000000000" + "ffffffff01ffffffff");

    private static readonly byte[] MultiFailure = Convert.FromHexString(
        "ffffffff0000000000" + "00000000" + "ffffffff00ffffff99" + "ffffff99" + "ffffffff00fffffffe" + "fffffffe" + "ffffffff01ffffffff");

    [Fact]
    public void Multi_TellsWhatWasCreated_WhenItTookEffect()
    {
        var result = Read(MultiSuccess);

        result.IsSuccess.ShouldBeTrue();
        result.FailedIndex.ShouldBe(-1);
        result.Results[0].Path.ShouldBe("/a0");
        result.Results[0].Stat!.CreatedZxid.ShouldBe(77);
        result.Results[0].Stat!.EphemeralOwner.ShouldBe(9);
        result.Results[0].Stat!.DataLength.ShouldBe(3);
    }

    [Fact]
    public void Multi_NamesTheFirstThatFailed_WhenItDidNot()
    {
        var result = Read(MultiFailure);

        result.Error.ShouldBe(ZooKeeperError.BadVersion);
        result.FailedIndex.ShouldBe(1);
        result.Results.Select(one => one.Error).ShouldBe([ZooKeeperError.Ok, ZooKeeperError.BadVersion, ZooKeeperError.RuntimeInconsistency]);
    }

    [Fact]
    public void Multi_IsAProtocolError_AtEveryPointWhereItIsCutOff()
    {
        foreach (var answer in new[] { MultiSuccess, MultiFailure })
        {
            for (var length = 0; length < answer.Length; length++)
            {
                Should.Throw<ZooKeeperProtocolException>(() => Read(answer[..length]), $"{length} of {answer.Length} bytes");
            }
        }
    }

    [Fact]
    public void Multi_IsAProtocolError_WhenItHoldsAnotherNumberOfResults()
    {
        Should.Throw<ZooKeeperProtocolException>(() => Read(MultiSuccess, Operations[..2]));
        Should.Throw<ZooKeeperProtocolException>(() => Read(MultiSuccess, [.. Operations, Operations[1]]));
    }

    [Theory]
    [InlineData("7fffffff")]
    [InlineData("00000002000000ff")]
    [InlineData("000000010000000261")]
    public void ReadNames_IsAProtocolError_WhenALengthCannotBeRight(string hex)
        => Should.Throw<ZooKeeperProtocolException>(() =>
        {
            var reader = new JuteReader(Convert.FromHexString(hex));
            return JuteRecords.ReadNames(ref reader);
        });

    [Fact]
    public void ReadNames_IsEmpty_WhenTheVectorIsNull()
    {
        var reader = new JuteReader(Convert.FromHexString("ffffffff"));
        JuteRecords.ReadNames(ref reader).ShouldBeEmpty();
    }

    private static ZooKeeperMultiResult Read(byte[] answer, MultiOperation[]? operations = null)
    {
        var reader = new JuteReader(answer);
        return new MultiAnswer(operations ?? Operations, 77, 9, path => path["/r".Length..]).Read(ZooKeeperError.Ok, ref reader);
    }
}
