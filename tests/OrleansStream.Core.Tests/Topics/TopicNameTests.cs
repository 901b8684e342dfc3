using OrleansStream.Core.Topics;

namespace OrleansStream.Core.Tests.Topics;

public class TopicNameTests
{
    [Theory]
    [InlineData("a")]
    [InlineData("Orders_2024.v1-eu")]
    [InlineData("...")]
    [InlineData("-")]
    [InlineData("__consumer_offsets")]
    public void Validate_Succeeds_ForAllowedNames(string name) => TopicName.Validate(name).IsSuccess.ShouldBeTrue();

    [Theory]
    [InlineData(null, "the empty string")]
    [InlineData("", "the empty string")]
    [InlineData(".", "reserved")]
    [InlineData("..", "reserved")]
    [InlineData("a b", "contains ' ' at index 1")]
    [InlineData("a/b", "contains '/' at index 1")]
    [InlineData("topic@1", "contains '@' at index 5")]
    [InlineData("naïve", "contains 'ï' at index 2")]
    [InlineData("日本", "contains '日' at index 0")]
    [InlineData("a\0", "at index 1")]
    [InlineData("a\n", "at index 1")]
    public void Validate_NamesTheRule_ForOtherNames(string? name, string rule)
    {
        var outcome = TopicName.Validate(name);

        outcome.Error.ShouldBe(ErrorCode.InvalidTopicException);
        outcome.Message!.ShouldContain(rule);
    }

    [Fact]
    public void Validate_DrawsTheLineAt249Characters()
    {
        TopicName.Validate(new string('a', 249)).IsSuccess.ShouldBeTrue();
        TopicName.Validate(new string('a', 250)).Message!.ShouldContain("is 250, longer than the allowed 249");
    }

    [Theory]
    [InlineData("a.b", "a_b", true)]
    [InlineData("a_b", "a.b", true)]
    [InlineData("a.b_c", "a_b.c", true)]
    [InlineData("a.b", "a.b", true)]
    [InlineData("a.b", "a-b", false)]
    [InlineData("a.b", "a.bc", false)]
    [InlineData("ab", "Ab", false)]
    public void HasCollision_TakesDotsForUnderscores(string name, string other, bool expected)
        => TopicName.HasCollision(name, other).ShouldBe(expected);

    [Fact]
    public void ValidateNoCollision_NamesTheTopics_AndAllowsTheSameName()
    {
        TopicName.ValidateNoCollision("a.b", ["z", "a_b", "a.b"]).Message!.ShouldContain("'a.b' collides with existing topics: a_b;");
        TopicName.ValidateNoCollision("a.b", ["a.b", "a-b"]).IsSuccess.ShouldBeTrue();
        TopicName.ValidateNoCollision("plain", ["plain"]).IsSuccess.ShouldBeTrue();
    }

    [Fact]
    public void InternalTopics_AreKafkas()
    {
        InternalTopics.Contains("__consumer_offsets").ShouldBeTrue();
        InternalTopics.Contains("__transaction_state").ShouldBeTrue();
        InternalTopics.Contains("__other").ShouldBeFalse();
    }
}
