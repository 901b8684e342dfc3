using OrleansStream.Grains.Brokers;

namespace OrleansStream.Grains.Tests.Brokers;

public sealed class BrokerStateTests
{
    [Theory]
    [InlineData(5, 10, ErrorCode.None)]
    [InlineData(6, 10, ErrorCode.None)]
    [InlineData(4, 10, ErrorCode.StaleControllerEpoch)]
    [InlineData(5, 9, ErrorCode.StaleBrokerEpoch)]
    [InlineData(5, 11, ErrorCode.None)]
    public void CheckController_LetsOldEpochsFail_AndThoseThatTheBrokerDoesNotKnowYetPass(int controllerEpoch, long brokerEpoch, ErrorCode expected)
    {
        using var broker = new BrokerState(1) { BrokerEpoch = 10 };
        broker.CheckController(5, 10, number: 0).ShouldBe(ErrorCode.None);

        broker.CheckController(controllerEpoch, brokerEpoch, number: 0).ShouldBe(expected);
    }

    [Fact]
    public void IsLastWord_IsFalse_OnceALaterRequestOrAnotherControllerWasLetThrough()
    {
        using var broker = new BrokerState(1) { BrokerEpoch = 10 };
        broker.CheckController(5, 10, number: 3).ShouldBe(ErrorCode.None);
        broker.IsLastWord(5, 3).ShouldBeTrue();

        broker.CheckController(5, 10, number: 4).ShouldBe(ErrorCode.None);
        broker.IsLastWord(5, 3).ShouldBeFalse();
        broker.CheckController(6, 10, number: 4).ShouldBe(ErrorCode.None);
        broker.IsLastWord(5, 4).ShouldBeFalse();
        broker.IsLastWord(6, 4).ShouldBeTrue();
    }
}
