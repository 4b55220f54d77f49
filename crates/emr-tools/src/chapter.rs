//! The chapters of the manual: what is about several tools, or about none alone.
//!
//! A chapter is Markdown in `man/`. The executable contains it, and the man page in section 7 is made from it.

/// A chapter.
pub(crate) struct Chapter {
    /// What a user asks for.
    pub(crate) topic: &'static str,
    /// The name of its page.
    pub(crate) page: &'static str,
    /// Its Markdown.
    pub(crate) text: &'static str,
}

/// All chapters, in reading order.
pub(crate) const CHAPTERS: [Chapter; 13] = [
    Chapter { topic: "jobs", page: "emr-jobs", text: include_str!("../../../man/emr-jobs.md") },
    Chapter { topic: "pools", page: "emr-pools", text: include_str!("../../../man/emr-pools.md") },
    Chapter { topic: "locks", page: "emr-locks", text: include_str!("../../../man/emr-locks.md") },
    Chapter {
        topic: "configuration",
        page: "emr-configuration",
        text: include_str!("../../../man/emr-configuration.md"),
    },
    Chapter { topic: "options", page: "emr-options", text: include_str!("../../../man/emr-options.md") },
    Chapter { topic: "scripts", page: "emr-scripts", text: include_str!("../../../man/emr-scripts.md") },
    Chapter { topic: "cron", page: "emr-cron", text: include_str!("../../../man/emr-cron.md") },
    Chapter { topic: "costs", page: "emr-costs", text: include_str!("../../../man/emr-costs.md") },
    Chapter { topic: "nodes", page: "emr-nodes", text: include_str!("../../../man/emr-nodes.md") },
    Chapter { topic: "core-dumps", page: "emr-core-dumps", text: include_str!("../../../man/emr-core-dumps.md") },
    Chapter { topic: "sandbox", page: "emr-sandbox-guide", text: include_str!("../../../man/emr-sandbox-guide.md") },
    Chapter { topic: "systems", page: "emr-systems", text: include_str!("../../../man/emr-systems.md") },
    Chapter { topic: "migrating", page: "emr-migrating", text: include_str!("../../../man/emr-migrating.md") },
];

impl Chapter {
    /// What it is about: the end of its first line, which is `# PAGE(7): ABOUT`.
    pub(crate) fn about(&self) -> &'static str {
        let heading = self.text.lines().next().unwrap_or_default();
        heading.split_once(": ").map_or(heading, |(_, about)| about)
    }
}

/// The chapter that is called `name`, by its topic or its page, with or without `emr-`.
pub(crate) fn called(name: &str) -> Option<&'static Chapter> {
    CHAPTERS.iter().find(|chapter| {
        [chapter.topic, chapter.page].contains(&name) || chapter.page.strip_prefix("emr-") == Some(name)
    })
}
