"""A job of two steps, the first of which fails."""

from mrjob.job import MRJob
from mrjob.step import MRStep


class MRFails(MRJob):
    def fail(self, _, line):
        raise ValueError("no such line")
        yield

    def steps(self):
        return [MRStep(mapper=self.fail), MRStep(reducer=lambda key, values: [])]


if __name__ == "__main__":
    MRFails.run()
