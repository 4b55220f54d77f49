//! The executable. The tool is the library of the same name.

fn main() -> std::process::ExitCode {
    describe_job_flow::run(std::env::args_os().collect())
}
