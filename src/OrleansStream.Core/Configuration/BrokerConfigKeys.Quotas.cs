using static OrleansStream.Core.Configuration.ConfigKeys;
using static OrleansStream.Core.Configuration.ConfigRule;

namespace OrleansStream.Core.Configuration;

/// <content>The keys of client quotas; the quotas themselves are set by client and user, not here.</content>
public static partial class BrokerConfigKeys
{
    /// <summary>The windows of a quota's rate.</summary>
    public static readonly ConfigKey<int> QuotaWindowNum = Int(
        "quota.window.num", 11, AtLeast(1), "The number of windows over which the rate of a client with a quota is taken, the one under way included.").ReadOnly();

    /// <summary>The length of such a window.</summary>
    public static readonly ConfigKey<int> QuotaWindowSizeSeconds = Int(
        "quota.window.size.seconds", 1, AtLeast(1), "The length of each window of a quota's rate.").ReadOnly();

    private static ConfigKey[] Quotas() => [QuotaWindowNum, QuotaWindowSizeSeconds];
}
