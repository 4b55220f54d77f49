"""A small mrjob job, from its start to its output: add-step | wait-step | fetch-output against mrjob 0.7.4.

Both run the same word count on a waiting job flow. mrjob polls once a second, and reads no logs.
"""

import json
import subprocess

from measure import CLIENTS, RELEASE, medians, sandbox


def example():
    """The path of the word count in mrjob's examples."""
    find = "import mrjob, os; print(os.path.join(os.path.dirname(mrjob.__file__), 'examples', 'mr_word_freq_count.py'))"
    return subprocess.run([CLIENTS / "python", "-c", find], capture_output=True, text=True, check=True).stdout.strip()


def cluster(env):
    create = [RELEASE / "create-job-flow", "--s3-scratch-uri", "s3://bucket/tmp/"]
    made = subprocess.run(create, env=env, capture_output=True, text=True, check=True).stdout
    return json.loads(made)["job_flow_id"]


def main(runs):
    few = max(runs // 4, 3)
    with sandbox() as aws:
        text = aws.folder / "in.txt"
        text.write_text("the quick brown fox jumps over the lazy dog\n" * 100)
        options = {"region": "us-east-1", "emr_endpoint": aws.endpoint, "s3_endpoint": aws.endpoint,
                   "cloud_tmp_dir": "s3://bucket/tmp/", "cluster_id": cluster(aws.env), "check_cluster_every": 1,
                   "cloud_fs_sync_secs": 0, "read_logs": False}
        conf = aws.folder / "mrjob.conf"
        conf.write_text(json.dumps({"runners": {"emr": options}}))
        peer = medians([CLIENTS / "python", example(), "-r", "emr", "-c", conf, text], aws.env, few)
        env = {**aws.env, "PATH": f"{RELEASE}:{CLIENTS}:{aws.env['PATH']}"}
        line = (f"add-step {cluster(aws.env)} --s3-scratch-uri s3://bucket/tmp/ --mrjob {example()} --input {text}"
                " | wait-step | fetch-output")
        ours = medians(["bash", "-o", "pipefail", "-c", line], env, runs)
    for what, (wall, cpu, _) in [("mrjob -r emr, looking once a second", peer), ("add-step | wait-step | fetch-output", ours)]:
        print(f"{what:48} {wall:7.0f} ms   CPU {cpu:7.0f} ms")
    print(f"{'':48} {peer[0] / ours[0]:7.1f} times faster\n")
