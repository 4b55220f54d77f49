//! The executable. The tool is the library of the same name.

fn main() -> std::process::ExitCode {
    add_step::run(std::env::args_os().collect())
}
