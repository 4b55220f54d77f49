//! The executable. The tool is the library of the same name.

fn main() -> std::process::ExitCode {
    list_job_flows::run(std::env::args_os().collect())
}
