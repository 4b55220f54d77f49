"""A small mrjob job, from its start to its output: add-step | wait-step | fetch-output against mrjob 0.7.4.

Both run the same word count on a waiting job flow. mrjob polls once a second, and reads no logs. Most of the time is the
step's own, which is the same for both: each of its tasks starts a Python. The ratio is printed with it and without.
"""

import json
import statistics
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


def step_ms(env, job_flow):
    """The median time that a step of the job flow ran."""
    ask = [CLIENTS / "aws", "emr", "list-steps", "--cluster-id", job_flow, "--output", "json"]
    steps = json.loads(subprocess.run(ask, env=env, capture_output=True, text=True, check=True).stdout)["Steps"]
    times = [step["Status"]["Timeline"] for step in steps]
    return statistics.median(time["EndDateTime"] - time["StartDateTime"] for time in times) * 1e3


def main(runs):
    few = max(runs // 4, 3)
    with sandbox() as aws:
        text = aws.folder / "in.txt"
        text.write_text("the quick brown fox jumps over the lazy dog\n" * 100)
        theirs, own = cluster(aws.env), cluster(aws.env)
        options = {"region": "us-east-1", "emr_endpoint": aws.endpoint, "s3_endpoint": aws.endpoint,
                   "cloud_tmp_dir": "s3://bucket/tmp/", "cluster_id": theirs, "check_cluster_every": 1,
                   "cloud_fs_sync_secs": 0, "read_logs": False}
        conf = aws.folder / "mrjob.conf"
        conf.write_text(json.dumps({"runners": {"emr": options}}))
        env = {**aws.env, "PATH": f"{RELEASE}:{CLIENTS}:{aws.env['PATH']}"}
        line = (f"add-step {own} --s3-scratch-uri s3://bucket/tmp/ --mrjob {example()} --input {text}"
                " | wait-step | fetch-output")
        rows = []
        for what, job_flow, command, count in [
            ("mrjob -r emr, looking once a second", theirs, [CLIENTS / "python", example(), "-r", "emr", "-c", conf, text], few),
            ("add-step | wait-step | fetch-output", own, ["bash", "-o", "pipefail", "-c", line], runs),
        ]:
            wall, cpu, _ = medians(command, env, count)
            step = step_ms(aws.env, job_flow)
            rows.append((wall, wall - step))
            print(f"{what:40} {wall:7.0f} ms, of which its step {step:5.0f} ms   CPU {cpu:6.0f} ms")
    whole, rest = (theirs / own for theirs, own in zip(*rows))
    print(f"{'':40} {whole:7.1f} times faster, {rest:.1f} times without the step\n")
