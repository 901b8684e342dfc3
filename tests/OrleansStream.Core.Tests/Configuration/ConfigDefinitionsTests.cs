using OrleansStream.Core.Configuration;

namespace OrleansStream.Core.Tests.Configuration;

public class ConfigDefinitionsTests
{
    [Fact]
    public void TopicDefaults_EqualTheBrokersDefaults_WhereThereIsASynonym()
    {
        foreach (var key in TopicConfigKeys.All.Keys)
        {
            foreach (var synonym in key.Synonyms)
            {
                BrokerConfigKeys.All.TryGet(synonym.Name, out var broker).ShouldBeTrue(synonym.Name);
                if (broker!.DefaultValue is { } value)
                {
                    var scaled = synonym.Factor == 1 ? value : (long.Parse(value) * synonym.Factor).ToString();
                    scaled.ShouldBe(key.DefaultValue, $"{key} from {synonym.Name}");
                }
            }
        }
    }
}
