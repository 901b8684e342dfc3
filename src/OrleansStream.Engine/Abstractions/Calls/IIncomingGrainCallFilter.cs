namespace Orleans;

/// <summary>Stands around every call that a silo executes. Filters run in the order of their registration, in the grain's turns.</summary>
public interface IIncomingGrainCallFilter
{
    /// <summary>Must await <see cref="IGrainCallContext.Invoke"/> for the call to happen.</summary>
    Task Invoke(IIncomingGrainCallContext context);
}

/// <summary>An <see cref="IIncomingGrainCallFilter"/> as a delegate.</summary>
public delegate Task IncomingGrainCallFilterDelegate(IIncomingGrainCallContext context);
