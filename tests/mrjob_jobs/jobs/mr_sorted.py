"""Values reach the reducer sorted, whatever the number of reducers."""

from mrjob.job import MRJob


class MRSorted(MRJob):
    SORT_VALUES = True
    JOBCONF = {"mapreduce.job.reduces": 3}

    def mapper(self, _, line):
        for word in line.split():
            yield word[0].lower(), word

    def reducer(self, letter, words):
        yield letter, list(words)


if __name__ == "__main__":
    MRSorted.run()
