using OrleansStream.Engine.CodeGeneration;
using OrleansStream.Engine.Networking;

namespace OrleansStream.Engine.Tests.Networking;

/// <summary>A caller that gives up goes on only when nothing refers to its memory any more.</summary>
public sealed class OutgoingFrameTests
{
    [Fact]
    public void TryDrop_EndsTheFrame_WhenItIsStillQueued()
    {
        var frame = Frame();

        frame.TryDrop().ShouldBeTrue();

        frame.TryBeginSending().ShouldBeFalse();
        var isDone = false;
        frame.WhenFinished(() => isDone = true);
        isDone.ShouldBeTrue();
    }

    [Fact]
    public void WhenFinished_WaitsForTheEndOfSending_WhenItHasBegun()
    {
        var frame = Frame();
        frame.TryBeginSending().ShouldBeTrue();

        frame.TryDrop().ShouldBeFalse();
        var isDone = false;
        frame.WhenFinished(() => isDone = true);
        isDone.ShouldBeFalse();
        frame.Finish();

        isDone.ShouldBeTrue();
    }

    private static OutgoingFrame Frame()
    {
        var writer = MessageWriter.Rent();
        writer.ReserveFixed32();
        writer.WriteMemory(new byte[10_000]);
        return new OutgoingFrame(writer);
    }
}
