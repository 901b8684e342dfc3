namespace System.Runtime.CompilerServices;

/// <summary>Lets the compiler accept init-only properties on this target.</summary>
internal static class IsExternalInit
{
}
