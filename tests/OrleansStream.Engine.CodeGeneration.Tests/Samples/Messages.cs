using System.Collections.Immutable;
using Orleans;

namespace OrleansStream.Engine.CodeGeneration.Tests.Samples;

public enum Colour : short
{
    Red = -1,
    None = 0,
    Green = 300,
}

[GenerateSerializer, Immutable]
public sealed record Point([property: Id(0)] int X, [property: Id(1)] int Y);

[GenerateSerializer]
public sealed record Line([property: Id(0)] Point From, [property: Id(1)] Point? To, [property: Id(2)] List<Point> Via);

[GenerateSerializer]
public readonly record struct Money([property: Id(0)] long Amount, [property: Id(1)] string Currency);

[GenerateSerializer]
public record struct Mutable([property: Id(0)] byte[] Bytes)
{
    [Id(1)]
    public int Extra { get; set; }
}

[GenerateSerializer, Immutable]
public sealed record WithDefaults(
    [property: Id(0)] int Plain,
    [property: Id(1)] int Five = 5,
    [property: Id(2)] string Name = "name",
    [property: Id(3)] Colour Colour = Colour.Green,
    [property: Id(4)] double Half = 0.5,
    [property: Id(5)] string? None = null);

[GenerateSerializer]
public sealed class Settable
{
    [Id(0)]
    public int Number { get; set; } = 7;

    [Id(1)]
    public string? Text { get; init; } = "text";

    [Id(2)]
    public List<int> Numbers { get; private set; } = [];

    [Id(3)]
    public int GetOnly { get; } = 3;

    [Id(4)]
    private int _private = 4;

    [Id(5)]
    public readonly string ReadOnlyField = "read-only";

    [Id(6)]
    private Point? Hidden { get; set; }

    [NonSerialized]
    private int _forgotten = 99;

    public int Private => _private;

    public int Forgotten => _forgotten;

    public Point? TheHidden => Hidden;

    public static Settable Create(int number, string? text, int privateNumber, Point? hidden)
        => new(30, "made") { Number = number, Text = text, Hidden = hidden, Numbers = [1, 2, 3], _forgotten = 1, _private = privateNumber };

    public Settable()
    {
    }

    private Settable(int getOnly, string readOnlyField)
    {
        GetOnly = getOnly;
        ReadOnlyField = readOnlyField;
    }
}

[GenerateSerializer]
public sealed class WithRequired
{
    [Id(0)]
    public required string Name { get; init; }
}

[GenerateSerializer]
public sealed record PositionalWithRequired([property: Id(0)] int Number)
{
    [Id(1)]
    public required string Name { get; init; }
}

[GenerateSerializer]
public record struct StructWithRequired
{
    [Id(0)]
    public required string Name { get; set; }
}

[GenerateSerializer]
public readonly struct ReadOnlyStruct(int x)
{
    [Id(0)]
    public int X { get; } = x;

    [Id(1)]
    private readonly List<int> _list = [x];

    public IReadOnlyList<int> List => _list;
}

[GenerateSerializer]
public sealed class WithoutConstructor(int first)
{
    [Id(0)]
    public int First { get; } = first;
}

[GenerateSerializer]
public sealed class PrivatelyConstructed
{
    private PrivatelyConstructed()
    {
    }

    [Id(0)]
    public int Value { get; private set; } = 11;

    public static PrivatelyConstructed Create(int value) => new() { Value = value };
}

[GenerateSerializer]
public struct PlainStruct
{
    [Id(0)]
    public int X;

    [Id(1)]
    private long _y;

    [Id(2)]
    public byte[]? Bytes { get; set; }

    public long Y
    {
        readonly get => _y;
        set => _y = value;
    }
}

[GenerateSerializer]
public abstract record Shape([property: Id(0)] string Name);

[GenerateSerializer, Alias("sample.Circle")]
public record Circle(string Name, [property: Id(0)] double Radius) : Shape(Name);

[GenerateSerializer]
public sealed record Ring(string Name, double Radius, [property: Id(0)] double Hole) : Circle(Name, Radius);

[GenerateSerializer]
public sealed record Polygon(string Name, [property: Id(0)] Point[] Corners) : Shape(Name);

public sealed record Unregistered(string Name) : Shape(Name);

[GenerateSerializer]
public class BaseClass
{
    [Id(0)]
    private int _secret;

    [Id(1)]
    public string? Text { get; set; }

    public int Secret
    {
        get => _secret;
        set => _secret = value;
    }
}

[GenerateSerializer]
public class DerivedClass : BaseClass
{
    [Id(0)]
    public int Own { get; set; }
}

[GenerateSerializer]
public sealed class GenericBase<T>
{
    [Id(0)]
    private T? _value;

    [Id(1)]
    public T[] Items { get; private set; } = [];

    public T? Value
    {
        get => _value;
        set => _value = value;
    }

    public GenericBase<T> With(params T[] items)
    {
        Items = items;
        return this;
    }
}

[GenerateSerializer]
public class Entity<TKey, TValue>
    where TKey : struct, IComparable<TKey>
{
    [Id(0)]
    private TKey _key;

    [Id(1)]
    public List<TValue>? Values { get; private set; }

    public TKey Key => _key;

    public Entity<TKey, TValue> Set(TKey key, params TValue[] values)
    {
        _key = key;
        Values = [.. values];
        return this;
    }
}

[GenerateSerializer]
public sealed class Customer : Entity<int, string>
{
    [Id(0)]
    public string? Name { get; set; }
}

[GenerateSerializer]
public sealed class Keyed<TValue> : Entity<Guid, TValue[]>
{
    [Id(0)]
    public TValue? Extra { get; private set; }

    public Keyed<TValue> With(TValue extra)
    {
        Extra = extra;
        return this;
    }
}

[GenerateSerializer]
public sealed record Result<T, TError>([property: Id(0)] T? Value, [property: Id(1)] TError? Error)
    where TError : class;

[GenerateSerializer]
public sealed class Tree
{
    [Id(0)]
    public int Value { get; set; }

    [Id(1)]
    public List<Tree> Children { get; set; } = [];

    [Id(2)]
    public Tree? Parent { get; set; }
}

public static class Outer
{
    [GenerateSerializer]
    internal sealed record Nested([property: Id(0)] int Value);
}

public sealed class OuterOf<T>
{
    [GenerateSerializer]
    public sealed record Nested([property: Id(0)] T? Value);
}

[GenerateSerializer]
public sealed record Keywords([property: Id(0)] int @class, [property: Id(1)] string? @event);

[GenerateSerializer]
public sealed class Shared
{
    [Id(0), Immutable]
    public byte[] ByReference { get; set; } = [];

    [Id(1)]
    public byte[] Copied { get; set; } = [];

    [Id(2)]
    public ReadOnlyMemory<byte> Memory { get; set; }
}

[GenerateSerializer]
public sealed record Everything
{
    [Id(0)] public bool Boolean { get; init; }
    [Id(1)] public byte Byte { get; init; }
    [Id(3)] public short Int16 { get; init; }
    [Id(5)] public int Int32 { get; init; }
    [Id(6)] public uint UInt32 { get; init; }
    [Id(7)] public long Int64 { get; init; }
    [Id(8)] public ulong UInt64 { get; init; }
    [Id(9)] public float Single { get; init; }
    [Id(10)] public double Double { get; init; }
    [Id(13)] public string? String { get; init; }
    [Id(14)] public Guid Guid { get; init; }
    [Id(15)] public TimeSpan TimeSpan { get; init; }
    [Id(17)] public DateTimeOffset DateTimeOffset { get; init; }
    [Id(24)] public byte[]? Bytes { get; init; }
    [Id(25)] public ReadOnlyMemory<byte> ReadOnlyMemory { get; init; }
    [Id(27)] public Colour Colour { get; init; }
    [Id(28)] public int? Nullable { get; init; }
    [Id(29)] public int[][]? Jagged { get; init; }
    [Id(30)] public List<string?>? List { get; init; }
    [Id(31)] public Dictionary<string, Point?>? Dictionary { get; init; }
    [Id(33)] public IReadOnlyList<int>? ReadOnlyList { get; init; }
    [Id(35)] public IReadOnlyDictionary<int, string>? ReadOnlyDictionary { get; init; }
    [Id(36)] public ImmutableArray<int> ImmutableArray { get; init; }
    [Id(40)] public Money? Money { get; init; }
    [Id(41)] public Colour?[]? NullableColours { get; init; }
}
