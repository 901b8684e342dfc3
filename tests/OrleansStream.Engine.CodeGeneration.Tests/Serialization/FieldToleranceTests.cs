using Orleans;
using Orleans.Serialization;
using OrleansStream.Engine.CodeGeneration.Tests.Samples;

namespace OrleansStream.Engine.CodeGeneration.Tests.Serialization;

/// <summary>Two versions of a message, as in a cluster that is being upgraded.</summary>
public sealed class FieldToleranceTests
{
    private static readonly NewVersion New = new(1, "text", [new(1, 2), new(3, 4)], new Circle("circle", 2), Guid.NewGuid(), new() { [1] = [1.5] }, 2.5f, 3.5, 9);

    [Fact]
    public void Read_SkipsFields_WhenTheSenderIsNewer() => Wire.Read<OldVersion>(Wire.Write(New)).ShouldBe(new OldVersion(1, 9));

    [Fact]
    public void Read_KeepsDefaults_WhenTheSenderIsOlder()
    {
        var read = Wire.Read<NewVersion>(Wire.Write(new OldVersion(1, 9)));
        (read.Kept, read.Last).ShouldBe((1, 9));
        read.Text.ShouldBeNull();
        read.Points.ShouldBeNull();
        read.Id.ShouldBe(Guid.Empty);
    }

    [Fact]
    public void Read_KeepsDeclaredDefaults_WhenARecordsFieldsAreMissing()
        => Wire.Read<WithDefaults>(Wire.Write(new Empty())).ShouldBe(new WithDefaults(0));

    [Fact]
    public void RoundTrip_KeepsZero_WhenTheDeclaredDefaultIsAnother()
    {
        var zeros = new WithDefaults(0, 0, null!, Colour.None, 0, null);
        Wire.RoundTrip(zeros).ShouldBe(zeros);
    }

    [Fact]
    public void Read_KeepsInitialisers_WhenAClassesFieldsAreMissing()
    {
        var read = Wire.Read<Settable>(Wire.Write(new Empty()));
        (read.Number, read.Text, read.GetOnly, read.Private, read.ReadOnlyField).ShouldBe((7, "text", 3, 4, "read-only"));
    }

    [Fact]
    public void Read_SkipsDerivedFields_WhenTheSenderHasAnotherLevelOfInheritance()
    {
        // What a sender writes to whom the class has a base class: the base's fields, a mark, the class's own.
        var message = Wire.Write(new DerivedClass { Text = "t", Own = 5 });
        Wire.Read<BaseClassAlone>(message).Text.ShouldBe("t");
    }

    [Fact]
    public void Read_Widens_WhenAnIntegerBecameALong()
        => Wire.Read<WideVersion>(Wire.Write(new OldVersion(-5, 9))).ShouldBe(new WideVersion(-5L, 9L));

    [Fact]
    public void Read_Throws_WhenALongDoesNotFitTheInteger()
        => Should.Throw<SerializerException>(() => Wire.Read<OldVersion>(Wire.Write(new WideVersion(long.MaxValue, 0))));

    [Fact]
    public void Read_NamesField_WhenItsTypeHasChanged()
    {
        var error = Should.Throw<SerializerException>(() => Wire.Read<ChangedVersion>(Wire.Write(new OldVersion(1, 9))));
        error.Message.ShouldContain("field 0");
        error.Message.ShouldContain("Varint");
    }
}

[GenerateSerializer]
public sealed record OldVersion([property: Id(0)] int Kept, [property: Id(20)] int Last);

[GenerateSerializer]
public sealed record WideVersion([property: Id(0)] long Kept, [property: Id(20)] long Last);

[GenerateSerializer]
public sealed record ChangedVersion([property: Id(0)] string Kept, [property: Id(20)] int Last);

[GenerateSerializer]
public sealed record NewVersion(
    [property: Id(0)] int Kept,
    [property: Id(1)] string Text,
    [property: Id(2)] Point[] Points,
    [property: Id(3)] Shape Shape,
    [property: Id(4)] Guid Id,
    [property: Id(5)] Dictionary<int, double[]> Map,
    [property: Id(6)] float Single,
    [property: Id(7)] double Double,
    [property: Id(20)] int Last);

[GenerateSerializer]
public sealed class Empty
{
}

[GenerateSerializer]
public sealed class BaseClassAlone
{
    [Id(1)]
    public string? Text { get; set; }
}
