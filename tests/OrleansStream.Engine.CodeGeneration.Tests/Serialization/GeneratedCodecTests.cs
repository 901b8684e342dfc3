using Orleans.Serialization;
using OrleansStream.Engine.CodeGeneration.Tests.Samples;

namespace OrleansStream.Engine.CodeGeneration.Tests.Serialization;

public sealed class GeneratedCodecTests
{
    [Fact]
    public void RoundTrip_KeepsEveryMember_WhenAllBuiltInsAreUsed()
    {
        var value = Samples();
        var read = Wire.RoundTrip(value);
        Shown.Of(read).ShouldBe(Shown.Of(value));
        Shown.Of(Wire.Copy(value)).ShouldBe(Shown.Of(value));
        Wire.Write(read).ShouldBe(Wire.Write(value));
    }

    [Fact]
    public void RoundTrip_KeepsDefaults_WhenNothingIsSet()
    {
        var read = Wire.RoundTrip(new Everything());
        Shown.Of(read).ShouldBe(Shown.Of(new Everything()));
    }

    [Fact]
    public void RoundTrip_ConstructsRecord_WhenItIsPositional()
    {
        var line = new Line(new(1, 2), null, [new(3, 4), new(-5, int.MinValue)]);
        var read = Wire.RoundTrip(line);
        read.From.ShouldBe(line.From);
        read.To.ShouldBeNull();
        read.Via.ShouldBe(line.Via);
        Wire.RoundTrip(new Money(1250, "EUR")).ShouldBe(new Money(1250, "EUR"));
    }

    [Fact]
    public void RoundTrip_SetsInitPrivateAndReadOnlyMembers_WhenTheyHaveIds()
    {
        var value = Settable.Create(1, null, 44, new(5, 6));
        var read = Wire.RoundTrip(value);
        read.Number.ShouldBe(1);
        read.Text.ShouldBeNull();
        read.Numbers.ShouldBe([1, 2, 3]);
        read.GetOnly.ShouldBe(30);
        read.Private.ShouldBe(44);
        read.ReadOnlyField.ShouldBe("made");
        read.TheHidden.ShouldBe(new Point(5, 6));
        read.Forgotten.ShouldBe(99, "members without an [Id] are left as the constructor makes them");
    }

    [Fact]
    public void RoundTrip_KeepsDefaultOverInitialiser_WhenTheSenderHadTheDefault()
        => Wire.RoundTrip(Settable.Create(0, null, 0, null)).Number.ShouldBe(0);

    [Fact]
    public void RoundTrip_MakesInstances_WhateverTheConstructor()
    {
        Wire.RoundTrip(new WithRequired { Name = "n" }).Name.ShouldBe("n");
        Wire.RoundTrip(new PositionalWithRequired(1) { Name = "n" }).ShouldBe(new PositionalWithRequired(1) { Name = "n" });
        Wire.RoundTrip(new StructWithRequired { Name = "n" }).Name.ShouldBe("n");
        Wire.RoundTrip(new WithoutConstructor(3)).First.ShouldBe(3);
        Wire.RoundTrip(PrivatelyConstructed.Create(8)).Value.ShouldBe(8);
        Wire.Copy(PrivatelyConstructed.Create(8)).Value.ShouldBe(8);
        Wire.Copy(new WithRequired { Name = "n" }).Name.ShouldBe("n");
    }

    [Fact]
    public void RoundTrip_KeepsMembers_WhenTheTypeIsAStruct()
    {
        var read = Wire.RoundTrip(new PlainStruct { X = 1, Y = 2, Bytes = [3] });
        (read.X, read.Y).ShouldBe((1, 2L));
        read.Bytes.ShouldBe([3]);
        var readOnly = Wire.RoundTrip(new ReadOnlyStruct(4));
        readOnly.X.ShouldBe(4);
        readOnly.List.ShouldBe([4]);
        var mutable = Wire.RoundTrip(new Mutable([1]) { Extra = 2 });
        mutable.Bytes.ShouldBe([1]);
        mutable.Extra.ShouldBe(2);
    }

    [Fact]
    public void RoundTrip_KeepsLevels_WhenClassesInherit()
    {
        var read = Wire.RoundTrip(new DerivedClass { Secret = 1, Text = "t", Own = 3 });
        (read.Secret, read.Text, read.Own).ShouldBe((1, "t", 3));
        Wire.RoundTrip(new Ring("r", 2, 1)).ShouldBe(new Ring("r", 2, 1));
        Wire.RoundTrip(new Circle("c", 2)).ShouldBe(new Circle("c", 2));
    }

    [Fact]
    public void RoundTrip_KeepsRuntimeType_WhenABaseClassIsDeclared()
    {
        Wire.RoundTrip<Shape>(new Circle("c", 2)).ShouldBe(new Circle("c", 2));
        Wire.RoundTrip<Shape>(new Ring("r", 2, 1)).ShouldBe(new Ring("r", 2, 1));
        Wire.RoundTrip<Circle>(new Ring("r", 2, 1)).ShouldBe(new Ring("r", 2, 1));
        Wire.RoundTrip<Shape?[]?>([null, new Circle("c", 2)]).ShouldBe([null, new Circle("c", 2)]);
        var polygon = Wire.RoundTrip<Shape>(new Polygon("p", [new(1, 1)])).ShouldBeOfType<Polygon>();
        polygon.Corners.ShouldBe([new Point(1, 1)]);
        Wire.RoundTrip<BaseClass>(new DerivedClass { Own = 5 }).ShouldBeOfType<DerivedClass>().Own.ShouldBe(5);
    }

    [Fact]
    public void Write_NamesType_WhenADerivedClassHasNoSerializer()
        => Should.Throw<SerializerException>(() => Wire.Write<Shape>(new Unregistered("u"))).Message.ShouldContain(nameof(Unregistered));

    [Fact]
    public void Read_RefusesType_WhenItDoesNotDeriveFromTheDeclaredOne()
    {
        var message = Wire.Write<Shape>(new Polygon("p", []));
        Should.Throw<SerializerException>(() => Wire.Read<Circle>(message)).Message.ShouldContain(nameof(Polygon));
    }

    [Fact]
    public void RoundTrip_KeepsMembers_WhenTypesAreGenericOrNested()
    {
        var generic = Wire.RoundTrip(new GenericBase<Point> { Value = new(1, 2) }.With(new Point(3, 4)));
        generic.Value.ShouldBe(new Point(1, 2));
        generic.Items.ShouldBe([new Point(3, 4)]);
        Wire.RoundTrip(new Result<int, string>(3, "no")).ShouldBe(new Result<int, string>(3, "no"));
        Wire.RoundTrip(new Outer.Nested(9)).ShouldBe(new Outer.Nested(9));
        Wire.RoundTrip(new Keywords(1, "e")).ShouldBe(new Keywords(1, "e"));
    }

    [Fact]
    public void RoundTrip_SetsPrivateMembers_WhenTheyAreOfAGenericBaseClass()
    {
        var customer = new Customer { Name = "n" };
        customer.Set(5, "a", "b");
        foreach (var read in new[] { Wire.RoundTrip(customer), Wire.Copy(customer) })
        {
            (read.Key, read.Name).ShouldBe((5, "n"));
            read.Values.ShouldBe(["a", "b"]);
        }

        var keyed = new Keyed<long>().With(7);
        keyed.Set(Guid.Empty, [1, 2]);
        var readKeyed = Wire.RoundTrip(keyed);
        readKeyed.Extra.ShouldBe(7);
        readKeyed.Values!.Single().ShouldBe([1, 2]);
    }

    [Fact]
    public void RoundTrip_KeepsTree_WhenATypeContainsItself()
    {
        var read = Wire.RoundTrip(new Tree { Value = 1, Children = [new Tree { Value = 2 }, new Tree { Value = 3, Children = [new Tree()] }] });
        read.Children.Count.ShouldBe(2);
        read.Children[1].Children.Count.ShouldBe(1);
    }

    [Fact]
    public void WriteAndCopy_Throw_WhenObjectsFormACycle()
    {
        var tree = new Tree();
        tree.Parent = tree;
        Should.Throw<SerializerException>(() => Wire.Write(tree)).Message.ShouldContain("cycle");
        Should.Throw<InsufficientExecutionStackException>(() => Wire.Copy(tree));
    }

    internal static Everything Samples() => new()
    {
        Boolean = true,
        Byte = 200,
        Int16 = -30000,
        Int32 = int.MinValue,
        UInt32 = uint.MaxValue,
        Int64 = long.MinValue,
        UInt64 = ulong.MaxValue,
        Single = 1.5f,
        Double = -0.1,
        String = "grüße 😀",
        Guid = new Guid("00112233-4455-6677-8899-aabbccddeeff"),
        TimeSpan = TimeSpan.FromTicks(-1),
        DateTimeOffset = new DateTimeOffset(2024, 2, 29, 12, 30, 0, TimeSpan.FromMinutes(330)),
        Bytes = [1, 2, 3],
        ReadOnlyMemory = new byte[] { 4, 5 },
        Colour = Colour.Green,
        Nullable = 0,
        Jagged = [[1], [], [2, 3]],
        List = ["a", null, ""],
        Dictionary = new() { ["one"] = new(1, 1), ["none"] = null },
        ReadOnlyList = new[] { 1, 2 },
        ReadOnlyDictionary = new Dictionary<int, string> { [1] = "one" },
        ImmutableArray = [7, 8],
        Money = new Money(150, "EUR"),
        NullableColours = [Colour.Red, null],
    };
}
