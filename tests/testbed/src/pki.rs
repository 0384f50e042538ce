//! Certificates of one testbed: a CA of its own, and leaves for servers and clients.

use anyhow::Context;
use rcgen::BasicConstraints;
use rcgen::CertificateParams;
use rcgen::DnType;
use rcgen::ExtendedKeyUsagePurpose;
use rcgen::IsCa;
use rcgen::Issuer;
use rcgen::KeyPair;
use rcgen::KeyUsagePurpose;

/// The number of the attribute that holds an organization's name.
const ORGANIZATION: [u64; 4] = [2, 5, 4, 10];

/// A certificate authority.
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    /// Its certificate, PEM.
    pub certificate: String,
}

/// A certificate with its key, both PEM.
pub struct Leaf {
    pub certificate: String,
    pub key: String,
}

impl Authority {
    /// A new authority of that name.
    ///
    /// # Errors
    /// When key generation fails.
    pub fn new(name: &str) -> anyhow::Result<Self> {
        let key = KeyPair::generate().context("generating a key")?;
        let mut params = CertificateParams::new(Vec::new())?;
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages =
            vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign, KeyUsagePurpose::DigitalSignature];
        let certificate = params.self_signed(&key)?.pem();
        Ok(Self { issuer: Issuer::new(params, key), certificate })
    }

    /// A certificate for servers on loopback, also good for clients.
    ///
    /// # Errors
    /// When key generation fails.
    pub fn server(&self) -> anyhow::Result<Leaf> {
        let names = ["127.0.0.1", "localhost", "kubernetes.default.svc", "10.96.0.1"];
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        self.leaf(CertificateParams::new(names)?, "localhost", &[])
    }

    /// A certificate that says who a client is: common name and groups.
    ///
    /// # Errors
    /// When key generation fails.
    pub fn client(&self, name: &str, groups: &[&str]) -> anyhow::Result<Leaf> {
        self.leaf(CertificateParams::new(Vec::new())?, name, groups)
    }

    fn leaf(&self, mut params: CertificateParams, name: &str, groups: &[&str]) -> anyhow::Result<Leaf> {
        let key = KeyPair::generate().context("generating a key")?;
        params.distinguished_name = rcgen::DistinguishedName::new();
        params.distinguished_name.push(DnType::CommonName, name);
        // The library holds one name of a kind, so the second organization goes by its number. Kubernetes reads every one as a group.
        let kinds = [DnType::OrganizationName, DnType::CustomDnType(ORGANIZATION.to_vec())];
        anyhow::ensure!(groups.len() <= kinds.len(), "{name} is in more groups than a certificate can say");
        for (kind, group) in kinds.into_iter().zip(groups) {
            params.distinguished_name.push(kind, *group);
        }
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature, KeyUsagePurpose::KeyEncipherment];
        params.extended_key_usages =
            vec![ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::ClientAuth];
        let certificate = params.signed_by(&key, &self.issuer)?.pem();
        Ok(Leaf { certificate, key: key.serialize_pem() })
    }
}

/// A key pair that signs service account tokens: private and public, PEM.
///
/// # Errors
/// When key generation fails.
pub fn signing_key() -> anyhow::Result<(String, String)> {
    let key = KeyPair::generate().context("generating a key")?;
    Ok((key.serialize_pem(), key.public_key_pem()))
}
