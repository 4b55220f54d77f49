//! The executable. The tool is the library of the same name.

fn main() -> std::process::ExitCode {
    s3_tmpwatch::run(std::env::args_os().collect())
}
