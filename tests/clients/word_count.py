"""A word count as mrjob's documentation writes it."""

import re

from mrjob.job import MRJob


class WordCount(MRJob):
    def mapper(self, _, line):
        for word in re.findall(r"\w+", line):
            yield word.lower(), 1

    def combiner(self, word, counts):
        yield word, sum(counts)

    def reducer(self, word, counts):
        yield word, sum(counts)


if __name__ == "__main__":
    WordCount.run()
