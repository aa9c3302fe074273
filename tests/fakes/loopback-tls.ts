/**
 * A certificate for the name `target.test`, signed by itself, and its key. They protect nothing: they exist so
 * that tests can speak TLS on loopback. Valid until 2126.
 */
export const certificate = `
-----BEGIN CERTIFICATE-----
MIIBpjCCAU2gAwIBAgIUfat300KCrVfEQTnqHDl6xGyC7TwwCgYIKoZIzj0EAwIw
HDEaMBgGA1UEAwwRUmVrZXkgdGVzdCBzZXJ2ZXIwIBcNMjYxMTIzMDYxODI1WhgP
MjEyNjEwMzAwNjE4MjVaMBwxGjAYBgNVBAMMEVJla2V5IHRlc3Qgc2VydmVyMFkw
EwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEraDDGb3rL1GTXMIgpmxEqIuYj1wGMCDb
n1KEXcFky5nQmgCDxQuzwcwZHUB6x+yaHdjkGdkZLpVD4a7JtEuk1qNrMGkwHQYD
VR0OBBYEFE3HXkRN7c+3XMBu1NLR7GaeFsAEMB8GA1UdIwQYMBaAFE3HXkRN7c+3
XMBu1NLR7GaeFsAEMA8GA1UdEwEB/wQFMAMBAf8wFgYDVR0RBA8wDYILdGFyZ2V0
LnRlc3QwCgYIKoZIzj0EAwIDRwAwRAIgaPpuZogoDkTBedy6SDou2tn/pmTSHqEa
jXWsc1YJBhYCIBjVrRH93g9eaCT6GZyW9tc7s5G+bNtNoFQ+DjHUKtAT
-----END CERTIFICATE-----
`.trim();

export const privateKey = `
-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgxIEGFIStY+nkax6+
QY1uhDWCHQpgr+SUvoChrUMoGFihRANCAAStoMMZvesvUZNcwiCmbESoi5iPXAYw
INufUoRdwWTLmdCaAIPFC7PBzBkdQHrH7Jod2OQZ2RkulUPhrsm0S6TW
-----END PRIVATE KEY-----
`.trim();
