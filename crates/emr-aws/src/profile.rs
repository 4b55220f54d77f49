//! The profile of `~/.aws/config` that credentials come from: whether it exists, and whether its user has to log in.

use std::error::Error as _;
use std::fmt;

use aws_config::profile::{self, ProfileSet};
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider, future};
use aws_runtime::env_config::file::EnvConfigFiles;
use aws_types::os_shim_internal::{Env, Fs};
use emr_core::error::{Error, Outcome, Result};

/// Credentials of a profile that signs in by IAM Identity Center (SSO). Where nobody is logged in, the error says so:
/// the SDK's own names a file of its cache.
#[derive(Debug)]
struct SsoProvider {
    profile: String,
    credentials: SharedCredentialsProvider,
}

/// Nobody is logged in to SSO, or no longer.
#[derive(Debug)]
pub(super) struct NotLoggedIn {
    /// The profile to log in for.
    pub(super) profile: String,
    source: CredentialsError,
}

/// Fails where the profile `typed`, or else that of `AWS_PROFILE`, does not exist. The SDK would go on to the next source
/// of credentials, which may be another account. Returns the profile to log in for, where it signs in by SSO.
pub(super) async fn check(typed: Option<&str>) -> Result<Option<String>> {
    let set = std::env::var("AWS_PROFILE").ok().filter(|name| !matches!(name.as_str(), "" | "default"));
    let named = typed.map(str::to_owned).or(set);
    let chosen = named.clone().map(Into::into);
    let profiles = match profile::load(&Fs::real(), &Env::real(), &EnvConfigFiles::default(), chosen).await {
        Ok(profiles) => profiles,
        // Whoever names no profile may have no need of the files.
        Err(_) if named.is_none() => return Ok(None),
        Err(cause) => {
            let text = cause.source().map_or_else(|| cause.to_string(), ToString::to_string);
            return Err(Error::config(format!("AWS profiles cannot be read: {text}")).caused_by(cause));
        }
    };
    match named.filter(|name| profiles.get_profile(name).is_none()) {
        Some(name) => Err(absent(&name, typed.is_none(), &profiles)),
        None => Ok(sso_profile(&profiles)),
    }
}

fn absent(name: &str, is_set: bool, profiles: &ProfileSet) -> Error {
    let by = if is_set { " of AWS_PROFILE" } else { "" };
    let [config, credentials] = files();
    let error = Error::new(
        Outcome::Denied,
        format!("the AWS profile '{name}'{by} is neither in {config} nor in {credentials}"),
    );
    let mut known: Vec<_> = profiles.profiles().collect();
    known.sort_unstable();
    if known.is_empty() { error } else { error.advise(format!("there are: {}", known.join(", "))) }
}

/// The files that were looked at.
fn files() -> [String; 2] {
    let file = |variable, usual: &str| std::env::var(variable).unwrap_or_else(|_| usual.to_owned());
    let in_home = |path: String| match (path.strip_prefix("~/"), std::env::var("HOME")) {
        (Some(rest), Ok(home)) => format!("{home}/{rest}"),
        _ => path,
    };
    [
        in_home(file("AWS_CONFIG_FILE", "~/.aws/config")),
        in_home(file("AWS_SHARED_CREDENTIALS_FILE", "~/.aws/credentials")),
    ]
}

/// The profile in effect, or the one that it has its credentials from, if it signs in by SSO.
fn sso_profile(profiles: &ProfileSet) -> Option<String> {
    let mut name = profiles.selected_profile();
    // More than all profiles are not in a chain, unless it is a circle.
    for _ in profiles.profiles() {
        let profile = profiles.get_profile(name)?;
        if profile.get("sso_session").or(profile.get("sso_start_url")).is_some() {
            return Some(name.to_owned());
        }
        name = profile.get("source_profile")?;
    }
    None
}

/// `credentials`, which come from `profile` where it signs in by SSO.
pub(super) fn explained(credentials: SharedCredentialsProvider, profile: Option<String>) -> SharedCredentialsProvider {
    match profile {
        Some(profile) => SharedCredentialsProvider::new(SsoProvider { profile, credentials }),
        None => credentials,
    }
}

impl ProvideCredentials for SsoProvider {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(async {
            self.credentials.provide_credentials().await.map_err(|source| {
                if !is_about_login(&source) {
                    return source;
                }
                CredentialsError::provider_error(NotLoggedIn { profile: self.profile.clone(), source })
            })
        })
    }
}

/// Whether a login cures this. The SDK has no public types for it, so that its words decide: they name the cache of
/// tokens, an expired token, or the portal's answer to one that was revoked.
fn is_about_login(error: &CredentialsError) -> bool {
    let mut causes = std::iter::successors(Some(error as &(dyn std::error::Error + 'static)), |&error| error.source());
    causes.any(|cause| {
        let text = cause.to_string();
        ["SSO token", "/sso/cache/", "UnauthorizedException"].iter().any(|words| text.contains(words))
    })
}

impl fmt::Display for NotLoggedIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "nobody is logged in to SSO for the profile '{}', or the session has expired", self.profile)
    }
}

impl std::error::Error for NotLoggedIn {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.source)
    }
}
