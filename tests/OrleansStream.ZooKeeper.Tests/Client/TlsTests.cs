using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using OrleansStream.ZooKeeper.Tests.Servers;

namespace OrleansStream.ZooKeeper.Tests.Client;

/// <summary>A server that takes TLS only, with a certificate made for the test.</summary>
public sealed class TlsTests : IAsyncLifetime
{
    private const string Password = "for-this-test";

    private readonly string _directory = Directory.CreateTempSubdirectory("ostream-zookeeper-tls-").FullName;
    private readonly X509Certificate2 _certificate = MakeCertificate();
    private ZooKeeperServer? _server;
    private int _securePort;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        ZooKeeperInstallation.SkipIfMissing();
        var store = Path.Combine(_directory, "store.p12");
        await File.WriteAllBytesAsync(store, _certificate.Export(X509ContentType.Pkcs12, Password), Cancellation);
        var trust = Path.Combine(_directory, "trust.pem");
        await File.WriteAllTextAsync(trust, _certificate.ExportCertificatePem(), Cancellation);
        _securePort = ZooKeeperServer.FreePort();
        _server = new ZooKeeperServer(
            ZooKeeperServer.FreePort(),
            [
                $"secureClientPort={_securePort}",
                "secureClientPortAddress=127.0.0.1",
                $"ssl.keyStore.location={store}",
                $"ssl.keyStore.password={Password}",
                "ssl.keyStore.type=PKCS12",
                $"ssl.trustStore.location={trust}",
                "ssl.trustStore.type=PEM",
                "ssl.clientAuth=none",
            ]).Start();
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }

        _certificate.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public async Task Client_TalksToTheServer_WhenItTrustsTheCertificate()
    {
        await using var client = await ZooKeeperClient.ConnectAsync(Options(Trusting()), Cancellation);

        (await client.CreateAsync("/a", new byte[500_000], cancellationToken: Cancellation)).Error.ShouldBe(ZooKeeperError.Ok);

        (await client.GetDataAsync("/a", cancellationToken: Cancellation)).Value.Data.Length.ShouldBe(500_000);
    }

    [Fact]
    public async Task Client_FindsNoServer_WhenItDoesNotTrustTheCertificate()
    {
        // Only once the server has answered one handshake, which takes a cold server seconds, does a failure tell something.
        await using (await ZooKeeperClient.ConnectAsync(Options(Trusting()), Cancellation))
        {
            var thrown = await Should.ThrowAsync<ZooKeeperConnectionLossException>(
                () => ZooKeeperClient.ConnectAsync(Options(new SslClientAuthenticationOptions(), TimeSpan.FromSeconds(4)), Cancellation));
            thrown.Message.ShouldContain("certificate");
        }
    }

    private SslClientAuthenticationOptions Trusting()
        => new()
        {
            RemoteCertificateValidationCallback = (_, certificate, _, errors) =>
                certificate!.GetCertHashString() == _certificate.Thumbprint && !errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch),
        };

    private ZooKeeperOptions Options(SslClientAuthenticationOptions tls, TimeSpan? patience = null)
        => new()
        {
            ConnectString = ConnectString.Parse($"127.0.0.1:{_securePort}"),
            ConnectionTimeout = patience ?? Sessions.Patience,
            Tls = tls,
        };

    private static X509Certificate2 MakeCertificate()
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=OrleansStream test", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        return request.CreateSelfSigned(TimeProvider.System.GetUtcNow().AddDays(-1), TimeProvider.System.GetUtcNow().AddDays(1));
    }
}
