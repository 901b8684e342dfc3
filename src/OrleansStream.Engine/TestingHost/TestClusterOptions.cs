namespace Orleans.TestingHost;

/// <summary>How a test cluster is made.</summary>
public class TestClusterOptions
{
    /// <summary>The cluster's id.</summary>
    public string ClusterId { get; set; } = string.Empty;

    /// <summary>The service's id.</summary>
    public string ServiceId { get; set; } = string.Empty;

    /// <summary>How many silos are started first.</summary>
    public short InitialSilosCount { get; set; } = 2;
}
