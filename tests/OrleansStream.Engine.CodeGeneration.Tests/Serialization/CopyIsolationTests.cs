using System.Collections.Immutable;
using OrleansStream.Abstractions;
using OrleansStream.Engine.CodeGeneration.Tests.Samples;

namespace OrleansStream.Engine.CodeGeneration.Tests.Serialization;

public sealed class CopyIsolationTests
{
    [Fact]
    public void Copy_ReturnsTheSame_WhenTheTypeIsImmutable()
    {
        var point = new Point(1, 2);
        Wire.Copy(point).ShouldBeSameAs(point);
        var request = new PartitionProduceRequest(new byte[10], 1, 1, null);
        Wire.Copy(request).ShouldBeSameAs(request);
        ImmutableArray<int> array = [1, 2];
        Wire.Copy(array).ShouldBe(array);
    }

    [Fact]
    public void Copy_SharesNothingMutable_WhenTheTypeIsMutable()
    {
        var line = new Line(new(1, 2), new(3, 4), [new(5, 6)]);
        var copy = Wire.Copy(line);
        copy.ShouldNotBeSameAs(line);
        copy.From.ShouldBeSameAs(line.From, "a point is immutable");
        line.Via.Add(new(7, 8));
        copy.Via.Count.ShouldBe(1);

        var mutable = new Mutable([1]) { Extra = 2 };
        var mutableCopy = Wire.Copy(mutable);
        mutable.Bytes[0] = 9;
        mutableCopy.Bytes.ShouldBe([1]);
        mutableCopy.Extra.ShouldBe(2);
    }

    [Fact]
    public void Copy_SharesMembers_WhenTheyAreMarkedImmutable()
    {
        var shared = new Shared { ByReference = [1], Copied = [2], Memory = new byte[] { 3 } };
        var copy = Wire.Copy(shared);
        copy.ByReference.ShouldBeSameAs(shared.ByReference);
        copy.Copied.ShouldNotBeSameAs(shared.Copied);
        copy.Copied.ShouldBe([2]);
        copy.Memory.Equals(shared.Memory).ShouldBeFalse("read-only memory may be changed by its owner");
        copy.Memory.ToArray().ShouldBe([3]);
    }

    [Fact]
    public void Copy_IsDeep_WhenCollectionsNest()
    {
        int[][] jagged = [[1], [2]];
        var copy = Wire.Copy(jagged);
        jagged[0][0] = 9;
        copy[0].ShouldBe([1]);

        var dictionary = new Dictionary<string, List<byte[]>>(StringComparer.OrdinalIgnoreCase) { ["a"] = [[1]] };
        var dictionaryCopy = Wire.Copy(dictionary);
        dictionary["a"][0][0] = 9;
        dictionary["a"].Clear();
        dictionaryCopy["A"][0].ShouldBe([1]);

        IReadOnlyList<byte[]> list = [[1]];
        var listCopy = Wire.Copy(list);
        list[0][0] = 9;
        listCopy[0].ShouldBe([1]);

        Wire.Copy<Mutable?>(new Mutable([1]))!.Value.Bytes.ShouldBe([1]);
    }

    [Fact]
    public void Copy_KeepsRuntimeType_WhenABaseClassIsDeclared()
    {
        var polygon = new Polygon("p", [new(1, 2)]);
        var copy = Wire.Copy<Shape>(polygon).ShouldBeOfType<Polygon>();
        copy.ShouldNotBeSameAs(polygon);
        copy.Corners.ShouldNotBeSameAs(polygon.Corners);
        copy.Corners.ShouldBe(polygon.Corners);
    }

    [Fact]
    public void Copy_SetsPrivateMembers_WhenTheyHaveIds()
    {
        var copy = Wire.Copy(Settable.Create(1, "t", 44, new(5, 6)));
        (copy.Number, copy.Text, copy.GetOnly, copy.Private, copy.ReadOnlyField).ShouldBe((1, "t", 30, 44, "made"));
        copy.Numbers.ShouldBe([1, 2, 3]);
    }

    [Fact]
    public void Copy_KeepsNull_WhereverThereIsNone()
    {
        Wire.Copy<Line?>(null).ShouldBeNull();
        Wire.Copy<byte[]?>(null).ShouldBeNull();
        Wire.Copy<List<int>?>(null).ShouldBeNull();
        Wire.Copy<Dictionary<int, int>?>(null).ShouldBeNull();
        Wire.Copy<Mutable?>(null).ShouldBeNull();
        Wire.Copy<Shape?>(null).ShouldBeNull();
    }
}
