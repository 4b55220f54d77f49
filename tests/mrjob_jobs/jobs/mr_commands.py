"""Commands in the place of Python, with quotes of both kinds in them."""

from mrjob.job import MRJob
from mrjob.protocol import RawProtocol, RawValueProtocol
from mrjob.step import MRStep


class MRCommands(MRJob):
    INPUT_PROTOCOL = RawProtocol
    INTERNAL_PROTOCOL = RawProtocol
    OUTPUT_PROTOCOL = RawValueProtocol

    def lines(self, key, counts):
        yield None, "%s: %s" % (key, " ".join(counts))

    def steps(self):
        return [
            MRStep(mapper_cmd="""sh -c 'tr -s " " "\\n" | sed "s/$/\t1/"'""", reducer_pre_filter="grep -v '\"'", reducer=self.lines),
            MRStep(mapper_pre_filter="sed -e 's/e/E/'", mapper=lambda key, value: [(None, key)], reducer_cmd="cut -f 1"),
        ]


if __name__ == "__main__":
    MRCommands.run()
