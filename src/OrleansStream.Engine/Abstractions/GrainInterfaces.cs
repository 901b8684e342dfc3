using Orleans.Runtime;

namespace Orleans.Runtime
{
    /// <summary>Anything that can be called across the cluster.</summary>
    public interface IAddressable
    {
    }
}

namespace Orleans
{
    /// <summary>Marks grain interfaces.</summary>
    public interface IGrain : IAddressable
    {
    }

    /// <summary>A grain with a string key.</summary>
    public interface IGrainWithStringKey : IGrain
    {
    }

    /// <summary>A grain with a 64-bit integer key.</summary>
    public interface IGrainWithIntegerKey : IGrain
    {
    }
}
