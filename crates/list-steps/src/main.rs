//! The executable. The tool is the library of the same name.

fn main() -> std::process::ExitCode {
    list_steps::run(std::env::args_os().collect())
}
