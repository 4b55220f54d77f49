"""Of twenty that create a key at the same moment one wins, in each of twenty rounds, and what it wrote stays."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from clients import refusal, s3

RACERS = ROUNDS = 20

client = s3(connections=RACERS)
start = Barrier(RACERS)


def race(round_number, racer):
    """What `racer` is refused with."""
    start.wait()
    key = f"race/{round_number}"
    return refusal(client.put_object, Bucket="bucket", Key=key, Body=f"{racer}".encode(), IfNoneMatch="*")


with ThreadPoolExecutor(RACERS) as pool:
    for round_number in range(ROUNDS):
        refusals = list(pool.map(race, [round_number] * RACERS, range(RACERS)))
        assert sorted(map(str, refusals)) == ["None"] + ["PreconditionFailed"] * (RACERS - 1), refusals
        winner = client.get_object(Bucket="bucket", Key=f"race/{round_number}")["Body"].read()
        assert refusals[int(winner)] is None, f"{winner} was refused, and its body stays: {refusals}"
