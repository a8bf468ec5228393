//! The five roots that AWS answers with, <https://www.amazontrust.com/repository/>, by themselves: among those that
//! browsers trust they would bring 120 others with them, 43 KB of a function's zip, which nobody here may answer with.

use base64::{Engine, engine::general_purpose::STANDARD};
use rustls::pki_types::{Der, TrustAnchor};

/// Subject and public key of each, as DER without its outer frame, in base64.
const ROOTS: [(&str, &str); 5] = [
    // Amazon Root CA 1
    (
        "MQswCQYDVQQGEwJVUzEPMA0GA1UEChMGQW1hem9uMRkwFwYDVQQDExBBbWF6b24gUm9vdCBDQSAx",
        "MA0GCSqGSIb3DQEBAQUAA4IBDwAwggEKAoIBAQCyeIBxynjV43GvR4BQdH1u2NeIdvSZaPdYIWD5dIQBL6wCLYbToEN6TrKk0Da6Ab6N20jIB\
         xc2TPTuiCPHPus39bUZ+ElosN7XuXY4HWGepP6CNqXlSlbkReH5/bQW+nTanJs1OS/6sCBQBmx60ICypvmv7EcZj1A4B9yihzlY+LrVqflIZz\
         CW7pR4Xm+Jo1HAMIZmoUVmulTro8OR+Ujc/9HoMC19LXRwNdeIJPeexFluu3OHF/IyRii4Q/q3HarKtPKfJA4tS/dxXF5p/+qVAss4iq5QOG/\
         b+y1iG8XHHlThd+BnyA+chyPWP0AgfyCAxIBMPjskJo4ErmyayKoNAgMBAAE=",
    ),
    // Amazon Root CA 2
    (
        "MQswCQYDVQQGEwJVUzEPMA0GA1UEChMGQW1hem9uMRkwFwYDVQQDExBBbWF6b24gUm9vdCBDQSAy",
        "MA0GCSqGSIb3DQEBAQUAA4ICDwAwggIKAoICAQCtlp8tnEpMSoF5UZnsistrYFETvE1tBvywCI3dGRBqxyYMNdjAbyCE6ZSxm4UDw1vbSujI+\
         JB22VtP40zoBjZNzJqsPQyQK5LUBhlgrDdEeYWBgq1aN+ANzJ2mTFJ26kOdtwTRUPZV4NXSpkmF6Tfpyn6uXJVNSJo/riBabYiV2TS4UhpDkL\
         C/bAW5tni36tDkOjwSU2L/SvJ7vjUFqRI04/NkdGIsPQBJWij+MkS7h91lJwJxO9pK9x/azfchVZBPD+yuguGfa9lF07vwX4ftPCw5hto/3ux\
         yVet5o63b3XywuhzO/N5PNXbPD/h4H2o2UUYnYVvpns/wolV9fCWKby+0xc+ELiv9DVEQbPtfG7wbfsWuO5gBMZL/C1f0mrK5V+mr7w120fDu\
         9M6Gp+Bu6bRpod9p9jPGaS6XE56lh7BXEIE3yVOzu3/2ktGc0Bj0km7ag0+mY5lMpfte7yFkeiBfbGSFFcs36WIMCyoW3AEuMto+S/WeOvYXQ\
         JTvnpEIhvq+Y6haM+zLdEOV+WxpUjbHKW/8VQNcH/ufvUfr50lHlQtOiSIJSeD1YR7xvy6Kcm6AWf9XOvl1MqNOX+ztKGLZTXPyzIEXYO3N69\
         zbp8rFfgK98lQIVP20LQksF1RKmNFU4VFnCNLtbn5vP9ItgVkpZsuQOZURHnQn/t3rrwIDAQAB",
    ),
    // Amazon Root CA 3
    (
        "MQswCQYDVQQGEwJVUzEPMA0GA1UEChMGQW1hem9uMRkwFwYDVQQDExBBbWF6b24gUm9vdCBDQSAz",
        "MBMGByqGSM49AgEGCCqGSM49AwEHA0IABCmXp8ZBf8ANm+gBG1bG8lKlui2yEujSLtf6ycXYqm0fc4E7O5hrOXwzpcVOho6AF2hiRVd9RFgds\
         zflZwjrZt4=",
    ),
    // Amazon Root CA 4
    (
        "MQswCQYDVQQGEwJVUzEPMA0GA1UEChMGQW1hem9uMRkwFwYDVQQDExBBbWF6b24gUm9vdCBDQSA0",
        "MBAGByqGSM49AgEGBSuBBAAiA2IABNKrijdPo1MN/sGKe0uoe0ZLY7Bi9i0b2whxIdIA6GO9mif78DluXeo9pcmBqqNbIJhFXRbb/egQbeOc4\
         OO9X4Ri83BkM6DLJC9wuoihKqB1+IGuYgbEgds5bimwHvouXA==",
    ),
    // Starfield Services Root Certificate Authority - G2
    (
        "MQswCQYDVQQGEwJVUzEQMA4GA1UECBMHQXJpem9uYTETMBEGA1UEBxMKU2NvdHRzZGFsZTElMCMGA1UEChMcU3RhcmZpZWxkIFRlY2hub2xvZ\
         2llcywgSW5jLjE7MDkGA1UEAxMyU3RhcmZpZWxkIFNlcnZpY2VzIFJvb3QgQ2VydGlmaWNhdGUgQXV0aG9yaXR5IC0gRzI=",
        "MA0GCSqGSIb3DQEBAQUAA4IBDwAwggEKAoIBAQDVDDrEKvlO4vW+GZdfjohTsR8/y8+fIBNtKTrID30892t2OGPZNmCom15cAICyL1l/9of5J\
         UOG52kbUpqQ4XHj2C0NTm/2yEnZtvMaVq4rtnQU68/7JuMauh2WLmo7WJSJR1b/JaCTcFOD2oR0FMNnngRoOt+OQFodSk7PQ5E751bWAHDLUu\
         57fa4657wx+UX2wmDPE1kCK4DMNEffud6QZW0CzyyRpqbn3oUYSXxmTqM6bam17jQuug0DuDPfR+uxa40l2ZvOgdFFRjKWcIfeAg5JQ4W2bHO\
         7ZOphQazJ1FTfhy/HIrImzJ9ZVGif/L4qL8RVHHVAYBeFAlU5i38FAgMBAAE=",
    ),
];

/// The error is a bug of the table.
pub(crate) fn roots() -> Result<Vec<TrustAnchor<'static>>, String> {
    let der = |text: &str| STANDARD.decode(text).map(Der::from).map_err(|error| format!("Amazon's roots: {error}"));
    let root = |(subject, key): &(&str, &str)| {
        Ok(TrustAnchor { subject: der(subject)?, subject_public_key_info: der(key)?, name_constraints: None })
    };
    ROOTS.iter().map(root).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_are_those_that_browsers_trust() {
        let roots = roots().expect("roots");
        assert_eq!(roots.len(), 5);
        for root in roots {
            assert!(webpki_roots::TLS_SERVER_ROOTS.contains(&root), "{root:?}");
        }
        let amazons = |root: &&TrustAnchor<'_>| root.subject.windows(6).any(|part| part == b"Amazon");
        assert_eq!(webpki_roots::TLS_SERVER_ROOTS.iter().filter(amazons).count(), 4, "and Starfield's");
    }
}
