//! The same for Spark, which runs Python itself: what prepares it is a Python of the job's own, a script that runs the
//! commands and then the real one.

use emr_core::error::Result;
use emr_core::setup::Folder;

use super::needs::Imported;
use super::{TaskNeeds, own, placed, script};
use crate::files::LocalFiles;

/// The usual name of the script that stands for Python.
const WRAPPER: &str = "python-wrapper.sh";

/// What driver and executors get, where it is and what they call it.
#[derive(Debug, Default)]
pub(crate) struct SparkSetup {
    /// Files for the working directory: URI and name.
    pub(crate) files: Vec<(String, String)>,
    /// Archives to unpack there: URI and the name of the folder.
    pub(crate) archives: Vec<(String, String)>,
    /// URI and name of each of the job's own files, in the order in which they were added.
    pub(crate) own: Vec<(String, String)>,
    /// The URIs of files that Python imports from.
    pub(crate) py_files: Vec<String>,
    /// The words that run Python; empty where none is named.
    pub(crate) python: Vec<String>,
    /// The same for a driver outside the working directory; empty where none is named.
    pub(crate) driver_python: Vec<String>,
    /// What put something there, where such a driver does not get it: options, by their names.
    pub(crate) for_executors: Vec<String>,
    /// The name of the script that stands for Python, where something has to run before it.
    pub(crate) wrapper: Option<String>,
}

impl TaskNeeds {
    /// Names all files, notes the local ones in `local` for the upload, and writes the script that stands for Python,
    /// where there is something for it to do.
    pub(crate) fn place_for_spark(&self, local: &mut LocalFiles) -> Result<SparkSetup> {
        let folder = Folder::of(self.named_files(Imported::BySpark))?;
        let (files, archives) = placed(&folder, local)?;
        let py_files = self.python_path().iter().filter(|file| !file.value.is_archive);
        let py_files = py_files.map(|file| local.place(&file.value.source)).collect::<Result<_>>()?;
        let (own, python) = (own(self, &folder, local)?, self.task_python().to_vec());
        let driver_python = self.python().to_vec();
        let for_executors = self.working_directory_options();
        let mut setup =
            SparkSetup { files, archives, own, py_files, python, driver_python, for_executors, wrapper: None };
        if let Some(text) = script::before_python(self, &folder) {
            let name = folder.unused(WRAPPER);
            setup.files.push((local.add_text(text, WRAPPER)?, name.clone()));
            setup.wrapper = Some(name);
        }
        Ok(setup)
    }
}
