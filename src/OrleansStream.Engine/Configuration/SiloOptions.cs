namespace Orleans.Configuration;

/// <summary>This silo.</summary>
public class SiloOptions
{
    /// <summary>The silo's name; made up when empty.</summary>
    public string SiloName { get; set; } = string.Empty;
}
