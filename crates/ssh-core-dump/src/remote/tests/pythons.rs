use super::*;
use crate::dump::header::Header;
use crate::dump::{memory, python};

/// Crashes in a second thread, three functions deep.
const CRASH: &str = "
import ctypes, threading, time

def mapper(line):
    key, value = line.split()
    return reducer(key, int(value))

def reducer(key, value):
    ctypes.string_at(0)

def idle():
    time.sleep(60)

for number in range(3):
    other = threading.Thread(target=idle)
    other.daemon = True
    other.start()
crashing = threading.Thread(target=mapper, args=('bad 42',))
crashing.start()
crashing.join()
";

/// The Pythons of this machine, one per version.
fn pythons() -> Vec<PathBuf> {
    let homes = std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".pyenv/versions"));
    let others = homes.and_then(|homes| fs::read_dir(homes).ok()).into_iter().flatten();
    let others = others.map(|version| version.unwrap().path().join("bin/python"));
    ["/usr/bin/python3"].map(PathBuf::from).into_iter().chain(others).filter(|python| python.exists()).collect()
}

/// Makes `python` crash, and returns the path of the core dump.
fn crash(python: &Path) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("crash.py"), CRASH).unwrap();
    let script = "ulimit -c unlimited; exec \"$0\" crash.py";
    let ran = Command::new("sh").args(["-c", script]).arg(python).current_dir(folder.path()).output().unwrap();
    assert!(fs::read_dir(folder.path()).unwrap().count() > 1, "no core dump: {ran:?}");
    folder
}

#[test]
fn python_functions_are_found_for_every_installed_version() {
    let pythons = pythons();
    assert!(!pythons.is_empty());
    if !harness::leaves_core_dumps() {
        return;
    }
    for python in pythons {
        let folder = crash(&python);
        let mut link = open();
        let core = find(&mut link, folder.path()).remove(0);
        assert_eq!(core.header.signal, Some(11));
        assert_eq!(core.header.threads, 5);
        assert!(!core.header.is_partial(core.identity.numbers[0]));
        let (functions, asked) = traceback(&mut link, &core);
        let name = python.display();
        assert_eq!(functions[1..3], ["reducer (crash.py:9)", "mapper (crash.py:6)"], "{name}");
        assert!(functions[0].starts_with("string_at (ctypes/__init__.py:"), "{name}: {functions:?}");
        assert!(functions[3].contains("run (threading.py:"), "{name}: {functions:?}");
        assert!(asked < 40, "{name} took {asked} questions");
    }
}

/// The Python functions in a core dump, and how many parts were read for them.
fn traceback(link: &mut Link, core: &FoundCore) -> (Vec<String>, usize) {
    let mut asked = 0;
    let read = |part: &memory::Part| {
        asked += 1;
        let file = part.file.as_ref().map_or(&core.identity.path[..], |file| file.as_bytes());
        link.read(file, part.file.is_none(), part.start, memory::BLOCK)
    };
    let functions = python::traceback(&core.header, read).unwrap().unwrap_or_default();
    (functions, asked)
}

#[test]
fn a_core_dump_of_gdb_tells_as_much_as_one_of_the_kernel() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("crash.py"), CRASH).unwrap();
    let write = format!("generate-core-file {}", folder.path().join("core.gdb").display());
    let mut gdb = Command::new("gdb");
    gdb.args(["-nx", "-batch", "-iex", "set debuginfod enabled off", "-ex", "run", "-ex", &write, "--args"]);
    gdb.arg("/usr/bin/python3").arg(folder.path().join("crash.py"));
    let said = gdb.output().unwrap();
    let mut link = open();
    let found = find(&mut link, folder.path());
    let core = found.first().unwrap_or_else(|| panic!("gdb is installed: {said:?}"));
    assert!(core.identity.numbers[0] > 8 * MIB, "its notes are beyond what is read at once");
    let Header { signal, threads, program, executable, .. } = &core.header;
    assert_eq!((*signal, *threads, program.as_str()), (Some(11), 5, "python3"));
    assert!(executable.as_ref().unwrap().starts_with("/usr/bin/python3"), "{executable:?}");
    assert!(!core.header.is_partial(core.identity.numbers[0]));
    let functions = traceback(&mut link, core).0;
    assert_eq!(functions[1..3], ["reducer (crash.py:9)", "mapper (crash.py:6)"], "{functions:?}");
}

#[test]
fn the_helper_runs_on_every_installed_python() {
    let (folder, path, whole) = node();
    for python in pythons() {
        let mut link = connect(marked(&[python.to_str().unwrap(), "-c", link::HELPER])).unwrap();
        let found = find(&mut link, folder.path()).remove(0);
        let part = Part::open(&whole, found.identity.numbers[0]).unwrap();
        fetch(&mut link, &found.identity, true, part, |_| {}).unwrap();
        assert!(fs::read(&whole).unwrap() == fs::read(&path).unwrap(), "{}", python.display());
        let listing = list(&mut link, &["/etc/passwd".to_owned()]).unwrap();
        assert_eq!(listing.failures[0].to_string(), "/etc/passwd: Not a directory");
        assert_eq!(link.read(b"/bin/true", false, 1, 3).unwrap(), b"ELF");
        let said = link.debug(&found.identity.path, "/bin/true", &["-nx", "-batch", "-ex", "echo here"]).unwrap();
        assert!(said.contains("here"), "{}: {said}", python.display());
        let option = link.debug(&found.identity.path, "-ex=shell false", &["-nx", "-batch"]);
        assert_eq!(option.unwrap_err().to_string(), "its executable has no path");
    }
}
