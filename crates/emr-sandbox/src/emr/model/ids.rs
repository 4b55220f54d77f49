//! Ids in EMR's form: a prefix, then random letters and digits.

const BASE36: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";

/// A new id: `prefix`, a dash and 13 upper-case letters and digits (`j-2AXXXXXXGAPLF`).
pub(crate) fn new(prefix: &str) -> String {
    let random = (0..13).map(|_| char::from(BASE36[fastrand::usize(..BASE36.len())]));
    format!("{prefix}-{}", random.collect::<String>())
}

/// A new EC2 instance id: `i-` and 17 hexadecimal digits.
pub(crate) fn new_ec2_instance() -> String {
    format!("i-{:017x}", fastrand::u128(..1 << 68))
}

/// Whether `id` has the form of a cluster's id: `j-`, then letters and digits. Such an id is safe as a directory name.
pub(crate) fn is_cluster(id: &str) -> bool {
    has_form("j-", id)
}

/// Whether `id` has the form of a step's id.
pub(crate) fn is_step(id: &str) -> bool {
    has_form("s-", id)
}

fn has_form(prefix: &str, id: &str) -> bool {
    id.strip_prefix(prefix)
        .is_some_and(|rest| (1..=64).contains(&rest.len()) && rest.bytes().all(|byte| byte.is_ascii_alphanumeric()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn new_ids_have_the_shape_of_emrs() {
        let id = new("j");
        assert_eq!(id.len(), 15);
        assert!(is_cluster(&id));
        assert_eq!(new_ec2_instance().len(), 19);
    }

    #[test]
    fn text_that_could_escape_a_directory_is_not_an_id() {
        for id in ["j-", "j-../x", "j-A/B", "j-A\0", "s-ABC", "", "J-ABC"] {
            assert!(!is_cluster(id), "{id}");
        }
    }
}
