//! Agents of one role are alike: worlds that differ only in which of them is which have one hash, so only one of them is
//! explored. With three pipelines that leaves a sixth of the states.

use std::hash::{DefaultHasher, Hash, Hasher};

use crate::agent::{Agent, TOKEN};
use crate::world::World;

/// Hashes, and renames agents: number `n` becomes number `names[n]`.
struct Renamer<'a> {
    hasher: DefaultHasher,
    names: &'a [usize],
}

impl Hasher for Renamer<'_> {
    fn finish(&self) -> u64 {
        self.hasher.finish()
    }

    /// A token is hashed as a whole, so it is seen here as a whole.
    fn write(&mut self, bytes: &[u8]) {
        match bytes.strip_prefix(TOKEN.as_bytes()) {
            Some([digit]) => {
                let renamed = self.names[usize::from(digit - b'0')];
                self.hasher.write(TOKEN.as_bytes());
                self.hasher.write_usize(renamed);
            }
            _ => self.hasher.write(bytes),
        }
    }
}

impl Hash for World {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let hashes = names(&self.agents).into_iter().map(|names| self.hash_as(&names));
        state.write_u64(hashes.min().unwrap_or_default());
    }
}

impl World {
    /// The hash of the world in which the agents have these names.
    fn hash_as(&self, names: &[usize]) -> u64 {
        let renamer = || Renamer { hasher: DefaultHasher::new(), names };
        let of = |part: &dyn Fn(&mut Renamer<'_>)| {
            let mut hasher = renamer();
            part(&mut hasher);
            hasher.finish()
        };
        let mut all = renamer();
        for named in 0..names.len() {
            let which = names.iter().position(|name| *name == named);
            which.map(|which| &self.agents[which]).hash(&mut all);
        }
        for step in &self.job_flow.steps {
            names[*step].hash(&mut all);
        }
        // Requests that nobody waits for have no order.
        let abandoned = self.abandoned.iter().map(|request| of(&|hasher| request.hash(hasher)));
        abandoned.fold(0, u64::wrapping_add).hash(&mut all);
        (self.now, &self.store, self.job_flow.terminated, self.faults, &self.wrongs).hash(&mut all);
        all.finish()
    }
}

/// The ways to name the agents in the order of what they are and know, apart from names. Only agents that are equal in
/// that have several.
fn names(agents: &[Agent]) -> Vec<Vec<usize>> {
    let keys: Vec<_> = (0..agents.len()).map(|own| key(agents, own)).collect();
    let place = |key: u64| keys.iter().filter(|other| **other < key).count();
    let mut all = vec![Vec::new()];
    for key in &keys {
        let alike = keys.iter().filter(|other| *other == key).count();
        let longer = |names: Vec<usize>| {
            let free: Vec<_> = (place(*key)..place(*key) + alike).filter(|name| !names.contains(name)).collect();
            free.into_iter().map(move |name| [&names[..], &[name]].concat())
        };
        all = all.into_iter().flat_map(longer).collect();
    }
    all
}

/// The hash of an agent to which all others have one name.
fn key(agents: &[Agent], own: usize) -> u64 {
    let names: Vec<_> = (0..agents.len()).map(|agent| usize::from(agent != own)).collect();
    let mut hasher = Renamer { hasher: DefaultHasher::new(), names: &names };
    agents[own].hash(&mut hasher);
    hasher.finish()
}
