//! The arguments of Hadoop streaming that name files: its lists of files, archives and jars, and its inputs.

use emr_core::error::{Error, Result};
use emr_core::hadoop_glob;

use crate::files::LocalFiles;
use crate::relative::{Name, all_uploaded, local};
use crate::streaming::Subfolders;

/// `args`, with the URIs of local files in place of their relative paths.
pub(super) fn with_uploads(args: Vec<String>, files: &mut LocalFiles) -> Result<Vec<String>> {
    let subfolders = Subfolders::of(&properties(&args));
    let mut done: Vec<String> = Vec::new();
    for arg in args {
        let option = done.last().map_or("", String::as_str);
        let arg = match option {
            "-files" | "-archives" => all_uploaded(&arg, Name::Kept, files)?,
            "-libjars" => all_uploaded(&arg, Name::Free, files)?,
            "-input" => inputs(arg, subfolders, files)?,
            "-file" if local(&arg).is_some() => return Err(not_on_master(&arg)),
            _ => arg,
        };
        done.push(arg);
    }
    Ok(done)
}

/// Streaming's own option, which is not Hadoop's.
fn not_on_master(path: &str) -> Error {
    let text = format!("Hadoop takes '-file {path}' from the master, and it is a file here");
    Error::usage(text).advise(format!("write '-files', '{path}' as the first of Args"))
}

/// `list`, one local input or several that commas separate, each as [`input`] has it.
fn inputs(list: String, subfolders: Subfolders, files: &mut LocalFiles) -> Result<String> {
    if local(&list).is_some() {
        return input(list, subfolders, files);
    }
    let each = hadoop_glob::paths(&list).map(|path| input(path.to_owned(), subfolders, files));
    Ok(each.collect::<Result<Vec<_>>>()?.join(","))
}

/// `input`, or the URI of the folder that a local one becomes. It may be a path below the user's home in HDFS as well: the
/// local one is what somebody sees.
fn input(input: String, subfolders: Subfolders, files: &mut LocalFiles) -> Result<String> {
    let Some(path) = local(&input) else { return Ok(input) };
    let uri = files.add_input(&path, subfolders)?;
    emr_cli::say(&format!("{input} is a local input: the step gets {uri}"));
    Ok(uri)
}

/// What `-D` sets.
fn properties(args: &[String]) -> Vec<(String, String)> {
    let set = args.windows(2).filter(|pair| pair[0] == "-D").filter_map(|pair| pair[1].split_once('='));
    set.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}
