//! Checks the AWS profile before the SDK uses it: an unknown one is an error, and for SSO an error names the login
//! command.

use std::error::Error as _;
use std::fmt;

use aws_config::profile::{self, ProfileSet};
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider, future};
use aws_runtime::env_config::file::EnvConfigFiles;
use aws_types::os_shim_internal::{Env, Fs};
use emr_core::error::{Error, Outcome, Result};

/// Credentials of a profile that uses IAM Identity Center (SSO). Without a login the error says so; the SDK's own error
/// names a file of its cache.
#[derive(Debug)]
struct SsoProvider {
    profile: String,
    credentials: SharedCredentialsProvider,
}

/// There is no SSO session, or it has expired.
#[derive(Debug)]
pub(super) struct NotLoggedIn {
    /// The profile to log in for.
    pub(super) profile: String,
    source: CredentialsError,
}

/// Fails if the profile `typed`, or else that of `AWS_PROFILE`, does not exist: the SDK would try the next source of
/// credentials, which may be another account. Returns the profile to log in to if it uses SSO.
pub(super) async fn check(typed: Option<&str>) -> Result<Option<String>> {
    let set = std::env::var("AWS_PROFILE").ok().filter(|name| !matches!(name.as_str(), "" | "default"));
    let named = typed.map(str::to_owned).or(set);
    let chosen = named.clone().map(Into::into);
    let profiles = match profile::load(&Fs::real(), &Env::real(), &EnvConfigFiles::default(), chosen).await {
        Ok(profiles) => profiles,
        // Without a named profile the files may not be needed.
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

/// The paths of the config and credentials files.
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

/// The selected profile, or the source profile of its credentials, if that uses SSO.
fn sso_profile(profiles: &ProfileSet) -> Option<String> {
    let mut name = profiles.selected_profile();
    // A chain longer than the number of profiles is a cycle.
    for _ in profiles.profiles() {
        let profile = profiles.get_profile(name)?;
        if profile.get("sso_session").or(profile.get("sso_start_url")).is_some() {
            return Some(name.to_owned());
        }
        name = profile.get("source_profile")?;
    }
    None
}

/// Wraps `credentials` so that their errors name the SSO `profile` to log in to.
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

/// Whether a login fixes this error. The SDK has no public types for these errors, so this searches their texts: for
/// the token cache, an expired token, and the portal's answer to a revoked one.
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
