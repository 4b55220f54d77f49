//! The rules between map and reduce: which part of a line is its key, which reducer gets it, and
//! in which order. sort(1) does the sorting: it is exact and needs little memory for any amount of
//! data.

use std::path::Path;
use std::process::Command;

use super::arguments::Arguments;

/// The memory of one sort, beyond which it uses the disk.
const SORT_MEMORY: &str = "64M";

/// The rules of one job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Shuffle {
    /// How many fields of a line, separated by tabs, are its key.
    key_fields: usize,
    /// The first and the last field, counted from 1, that choose the reducer.
    partition_fields: (usize, usize),
    /// Key options of sort(1), in the place of the order by the whole key.
    comparator: Vec<String>,
    pub(super) reducers: usize,
}

impl Shuffle {
    pub(super) fn of(arguments: &Arguments) -> Self {
        let fields = arguments.property(&["stream.num.map.output.key.fields"]);
        let key_fields = fields.and_then(|fields| fields.parse().ok()).unwrap_or(1);
        let partition =
            arguments.property(&["mapreduce.partition.keypartitioner.options", "mapred.text.key.partitioner.options"]);
        let comparator =
            arguments.property(&["mapreduce.partition.keycomparator.options", "mapred.text.key.comparator.options"]);
        Self {
            key_fields,
            partition_fields: partition.and_then(fields_of).unwrap_or((1, key_fields)),
            comparator: comparator.map(sort_options).unwrap_or_default(),
            reducers: arguments.reducers(),
        }
    }

    /// The number of the reducer that gets a line.
    pub(super) fn reducer(&self, line: &[u8]) -> usize {
        if self.reducers < 2 {
            return 0;
        }
        let (first, last) = self.partition_fields;
        let fields = line.split(|byte| *byte == b'\t');
        let fields = fields.skip(first.saturating_sub(1)).take(last + 1 - first.min(last));
        // FNV-1a: the same in every run, so that outputs can be compared.
        let hash = fields.fold(0xcbf2_9ce4_8422_2325_u64, |hash, field| {
            let bytes = field.iter().chain(b"\t");
            bytes.fold(hash, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3))
        });
        usize::try_from(hash % self.reducers as u64).unwrap_or(0)
    }

    /// A sort of lines by their keys. Lines of equal keys keep their order.
    pub(super) fn sort(&self, scratch: &Path) -> Command {
        let mut sort = Command::new("sort");
        sort.env("LC_ALL", "C").args(["--stable", "--field-separator=\t"]);
        sort.args(["--buffer-size", SORT_MEMORY, "--temporary-directory"]).arg(scratch);
        if self.comparator.is_empty() {
            sort.arg(format!("--key=1,{}", self.key_fields));
        }
        sort.args(&self.comparator);
        sort
    }
}

/// Parses `-k1,2`; `None` where it names parts of fields.
fn fields_of(options: &str) -> Option<(usize, usize)> {
    let (first, last) = options.trim().strip_prefix("-k")?.split_once(',')?;
    let (first, last) = (first.parse().ok()?, last.parse().ok()?);
    (1 <= first && first <= last).then_some((first, last))
}

/// The options of Hadoop's comparator, such as `-k1,1 -k2nr`, are those of sort(1). No other option
/// of sort(1) passes.
fn sort_options(options: &str) -> Vec<String> {
    let is_key = |option: &&str| {
        let letters = option.trim_start_matches('-').bytes();
        option.starts_with('-') && letters.clone().all(|b| b.is_ascii_digit() || b"knr,.".contains(&b))
    };
    options.split_whitespace().filter(is_key).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shuffle(options: &str) -> Shuffle {
        let line = format!("-input i -output o -numReduceTasks 7 {options}");
        Shuffle::of(&Arguments::parse(&emr_core::shell::split(&line).unwrap()).unwrap())
    }

    #[test]
    fn lines_of_one_key_go_to_one_reducer_and_keys_spread_over_all() {
        let shuffle = shuffle("");
        assert_eq!(shuffle.reducer(b"key\t1"), shuffle.reducer(b"key\tother\tvalue"));
        let used: std::collections::BTreeSet<_> =
            (0..100).map(|n| shuffle.reducer(format!("{n}\t1").as_bytes())).collect();
        assert_eq!(used, (0..7).collect());
    }

    #[test]
    fn a_secondary_sort_partitions_by_less_than_it_sorts_by() {
        let shuffle =
            shuffle("-D stream.num.map.output.key.fields=2 -D mapreduce.partition.keypartitioner.options=-k1,1");
        assert_eq!(shuffle.reducer(b"key\t1\tx"), shuffle.reducer(b"key\t2\ty"));
        let sort = format!("{:?}", shuffle.sort(Path::new("/tmp")));
        assert!(sort.contains("--key=1,2"), "{sort}");
    }

    #[test]
    fn only_keys_are_passed_on_to_sort() {
        let options = "-k1,1 -k2nr --output=/etc/passwd -o x";
        assert_eq!(sort_options(options), ["-k1,1", "-k2nr"]);
    }
}
