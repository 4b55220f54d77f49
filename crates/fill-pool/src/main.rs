//! The executable. The tool is the library of the same name.

fn main() -> std::process::ExitCode {
    fill_pool::run(std::env::args_os().collect())
}
