//! The executable. The tool is the library of the same name.

fn main() -> std::process::ExitCode {
    ssh_core_dump::run(std::env::args_os().collect())
}
