"""A job that imports a module from its own folder, which does not travel with it."""

import neighbour
from mrjob.job import MRJob


class MRImports(MRJob):
    def mapper(self, _, line):
        yield neighbour.key(line), 1

    def reducer(self, key, counts):
        yield key, sum(counts)


if __name__ == "__main__":
    MRImports.run()
