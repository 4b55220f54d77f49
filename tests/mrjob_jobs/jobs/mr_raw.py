"""A mapper that opens its files by itself."""

import os

from mrjob.job import MRJob


class MRRaw(MRJob):
    def mapper_raw(self, path, uri):
        with open(path) as file:
            yield os.path.basename(uri), len(file.read())

    def reducer(self, name, sizes):
        yield name, sum(sizes)


if __name__ == "__main__":
    MRRaw.run()
