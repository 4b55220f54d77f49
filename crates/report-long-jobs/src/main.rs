//! The executable. The tool is the library of the same name.

fn main() -> std::process::ExitCode {
    report_long_jobs::run(std::env::args_os().collect())
}
