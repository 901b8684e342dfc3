namespace OrleansStream.ZooKeeper.Tests.Client;

public sealed class ConnectStringTests
{
    [Theory]
    [InlineData("a", "a:2181")]
    [InlineData("a:1", "a:1")]
    [InlineData(" a:1 , b ,c:65535/root/deep", "a:1,b:2181,c:65535/root/deep")]
    [InlineData("127.0.0.1:2181/", "127.0.0.1:2181")]
    [InlineData("[::1]:2182,[fe80::1]/x", "[::1]:2182,[fe80::1]:2181/x")]
    public void Parse_ReadsServersAndChroot_WhenTheTextIsRight(string text, string expected)
        => ConnectString.Parse(text).ToString().ShouldBe(expected);

    [Theory]
    [InlineData(null, "names no server")]
    [InlineData("", "names no server")]
    [InlineData(",", "names no server")]
    [InlineData("/chroot", "names no server")]
    [InlineData("a:", "'a:'")]
    [InlineData("a:0", "'a:0'")]
    [InlineData("a:65536", "'a:65536'")]
    [InlineData("a:x", "'a:x'")]
    [InlineData(":2181", "':2181'")]
    [InlineData("a b:1", "'a b:1'")]
    [InlineData("::1:2181", "'::1:2181'")]
    [InlineData("[::1:2181", "'[::1:2181'")]
    [InlineData("[name]:1", "'[name]:1'")]
    [InlineData("a:1/x/", "must not end with '/'")]
    [InlineData("a:1//x", "empty part")]
    public void TryParse_NamesTheProblem_WhenTheTextIsWrong(string? text, string problem)
    {
        ConnectString.TryParse(text, out _, out var found).ShouldBeFalse();
        found!.ShouldContain(problem);
        Should.Throw<FormatException>(() => ConnectString.Parse(text!)).Message.ShouldBe(found);
    }
}
