using System.Text;

namespace OrleansStream.Metadata;

/// <summary>What every store demands of a request before it looks at the tree.</summary>
internal static class RequestRules
{
    /// <summary>What an operation takes on ZooKeeper's wire besides path and data, rounded up.</summary>
    private const int OperationOverheadBytes = 48;

    /// <exception cref="ArgumentException">A path is not valid, the root is to be deleted, or the request is too large.</exception>
    public static void Validate(IReadOnlyList<MultiOperation> operations)
    {
        ArgumentNullException.ThrowIfNull(operations);
        long bytes = 0;
        foreach (var operation in operations)
        {
            ArgumentNullException.ThrowIfNull(operation, nameof(operations));

            // The digits of a sequential node may be the whole of its name.
            var isSequential = operation is MultiOperation.Create { Mode: CreateMode.PersistentSequential or CreateMode.EphemeralSequential };
            NodePath.Validate(isSequential ? operation.Path + "0" : operation.Path);
            if (operation is MultiOperation.Delete { Path: "/" })
            {
                throw new ArgumentException("The root cannot be deleted.", nameof(operations));
            }

            bytes += OperationOverheadBytes + Encoding.UTF8.GetByteCount(operation.Path) + DataOf(operation).Length;
        }

        if (bytes > NodePath.MaxRequestBytes)
        {
            throw new ArgumentException(
                $"The request on '{operations[0].Path}' takes {bytes} bytes with its data; at most {NodePath.MaxRequestBytes} are allowed.", nameof(operations));
        }
    }

    /// <summary>The operations with data of their own, so that callers may use their buffers again.</summary>
    public static MultiOperation[] Owned(IReadOnlyList<MultiOperation> operations)
        =>
        [
            .. operations.Select(operation => operation switch
            {
                MultiOperation.Create create => new MultiOperation.Create(create.Path, create.Data.ToArray(), create.Mode),
                MultiOperation.SetData set => new MultiOperation.SetData(set.Path, set.Data.ToArray(), set.Version),
                _ => operation,
            }),
        ];

    private static ReadOnlyMemory<byte> DataOf(MultiOperation operation)
        => operation switch
        {
            MultiOperation.Create create => create.Data,
            MultiOperation.SetData set => set.Data,
            _ => ReadOnlyMemory<byte>.Empty,
        };
}
