"""What mrjob takes for the cause of a failure, of logs as each generation of Hadoop and Spark writes them.

Prints a JSON object: for each case in the folder of the first argument, what mrjob would say.
"""
import json
import os
import sys

from mrjob.fs.local import LocalFilesystem
from mrjob.logs.errors import _format_error, _pick_error, _pick_error_attempt_ids
from mrjob.logs.history import _interpret_history_log, _ls_history_logs
from mrjob.logs.spark import _interpret_spark_logs
from mrjob.logs.step import (
    _interpret_emr_step_stderr,
    _interpret_emr_step_syslog,
    _ls_emr_step_stderr_logs,
    _ls_emr_step_syslogs,
)
from mrjob.logs.task import _interpret_task_logs, _ls_spark_task_logs, _ls_task_logs

STEP = 's-RECORDED'


def cause(folder, is_spark):
    """Reads the logs in the order in which mrjob's runner on EMR does."""
    fs = LocalFilesystem()
    step_dirs = [[os.path.join(folder, 'steps', STEP)]]
    stderrs = _ls_emr_step_stderr_logs(fs, step_dirs, step_id=STEP)
    if is_spark:
        step = _interpret_spark_logs(fs, stderrs, partial=False)
    else:
        syslogs = _ls_emr_step_syslogs(fs, step_dirs, step_id=STEP)
        step = _interpret_emr_step_syslog(fs, syslogs) or _interpret_emr_step_stderr(fs, stderrs)
    found = {'step': step}
    history_dirs = [[os.path.join(folder, name)] for name in ('jobs', 'hadoop-mapreduce')]
    job = step.get('job_id')
    if job:
        for dirs in history_dirs:
            if os.path.isdir(dirs[0]):
                found['history'] = _interpret_history_log(fs, _ls_history_logs(fs, [dirs], job_id=job))
    application = step.get('application_id')
    task_dirs = [os.path.join(folder, name) for name in ('containers', 'task-attempts')]
    task_dirs = [[os.path.join(path, application or '')] for path in task_dirs if os.path.isdir(path)]
    if task_dirs and (application or job):
        ls = _ls_spark_task_logs if is_spark else _ls_task_logs
        logs = ls(
            fs, task_dirs, application_id=application, job_id=job,
            error_attempt_ids=_pick_error_attempt_ids(found),
            attempt_to_container_id=found.get('history', {}).get('attempt_to_container_id'))
        found['task'] = _interpret_spark_logs(fs, logs) if is_spark else _interpret_task_logs(fs, logs)
    error = _pick_error(found)
    return error and _format_error(error)


def main():
    """Prints what mrjob says of each case."""
    folder = sys.argv[1]
    cases = sorted(os.listdir(folder))
    print(json.dumps({case: cause(os.path.join(folder, case), case.startswith('spark')) for case in cases}))


if __name__ == '__main__':
    main()
