namespace OrleansStream.ZooKeeper;

/// <summary>What an access list allows, with ZooKeeper's numbers.</summary>
[Flags]
public enum AclPermissions
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>To read the data and list the children.</summary>
    Read = 1,

    /// <summary>To set the data.</summary>
    Write = 2,

    /// <summary>To create children.</summary>
    Create = 4,

    /// <summary>To delete children.</summary>
    Delete = 8,

    /// <summary>To change the access list.</summary>
    Admin = 16,

    /// <summary>Everything.</summary>
    All = Read | Write | Create | Delete | Admin,
}
