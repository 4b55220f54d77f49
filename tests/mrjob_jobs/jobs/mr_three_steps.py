"""Three steps, each of which reads what the one before it writes: how many letters have the most frequent words."""

from mrjob.job import MRJob
from mrjob.step import MRStep


class MRThreeSteps(MRJob):
    def split(self, _, line):
        for word in line.split():
            yield word.lower(), 1

    def add(self, key, counts):
        yield key, sum(counts)

    def by_count(self, word, count):
        yield count, word

    def join(self, count, words):
        yield count, sorted(words)

    def lengths(self, count, words):
        for word in words:
            yield len(word), count

    def steps(self):
        return [
            MRStep(mapper=self.split, combiner=self.add, reducer=self.add, jobconf={"mapreduce.job.reduces": 2}),
            MRStep(mapper=self.by_count, reducer=self.join),
            MRStep(mapper=self.lengths, reducer=self.add),
        ]


if __name__ == "__main__":
    MRThreeSteps.run()
