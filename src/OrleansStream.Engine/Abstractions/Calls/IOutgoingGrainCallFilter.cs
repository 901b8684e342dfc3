namespace Orleans;

/// <summary>Stands around every call that a silo or client makes. Filters run in the order of their registration.</summary>
public interface IOutgoingGrainCallFilter
{
    /// <summary>Must await <see cref="IGrainCallContext.Invoke"/> for the call to happen.</summary>
    Task Invoke(IOutgoingGrainCallContext context);
}

/// <summary>An <see cref="IOutgoingGrainCallFilter"/> as a delegate.</summary>
public delegate Task OutgoingGrainCallFilterDelegate(IOutgoingGrainCallContext context);
