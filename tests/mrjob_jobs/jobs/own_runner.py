"""A script that runs its job by itself."""

from mr_sorted import MRSorted

if __name__ == "__main__":
    job = MRSorted(args=["-r", "emr"])
    with job.make_runner() as runner:
        runner.run()
