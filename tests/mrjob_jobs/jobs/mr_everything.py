"""A job that tells what its tasks find: files, folders, archives, arguments, variables and properties."""

import ast
import os

from mrjob.compat import jobconf_from_env
from mrjob.job import MRJob
from mrjob.protocol import ReprProtocol


class MREverything(MRJob):
    FILES = ["words.txt", "words.txt#other.txt"]
    DIRS = ["lib"]
    ARCHIVES = ["packed.tar.gz#packed"]
    JOBCONF = {"mapreduce.job.reduces": 1, "my.flag": True, "my.typed": "job", "my.gone": None}
    OUTPUT_PROTOCOL = ReprProtocol

    def configure_args(self):
        super().configure_args()
        self.add_file_arg("--one")
        self.add_file_arg("--two", action="append")
        self.add_passthru_arg("--odd", action="append", default=[])
        self.add_passthru_arg("--times", type=int, default=1)
        self.pass_arg_through("--runner")

    def mapper_init(self):
        for name in ["words.txt", "other.txt", "lib/a.txt", "lib/deep/b.txt", "packed/c.txt"]:
            with open(name) as file:
                yield name, file.read()
        for path in [self.options.one] + self.options.two:
            with open(path) as file:
                yield "argument", file.read()

    def mapper(self, _, line):
        yield "line", line

    def mapper_final(self):
        yield "odd", self.options.odd
        yield "runner", self.options.runner
        yield "variable", os.environ.get("MY_VARIABLE")
        for name in ["my.flag", "my.typed", "my.gone", "my.conf"]:
            yield name, jobconf_from_env(name)

    def reducer(self, key, values):
        # Each mapper tells the same, however many there are.
        for value in sorted({repr(value) for value in values}):
            for _ in range(self.options.times):
                yield key, ast.literal_eval(value)


if __name__ == "__main__":
    MREverything.run()
