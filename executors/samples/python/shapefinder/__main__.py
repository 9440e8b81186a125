"""Runs the job in /in; the exit code tells whether it went well."""

import sys
import traceback

from . import errors, predict, train
from .job import ENV_FILE, Job, read_yaml
from .monitor import Monitor

# Until env.yaml is read, errors go where it would most likely point.
_DEFAULT_MONITOR = "/out/monitor.txt"


def main():
    monitor = Monitor(_DEFAULT_MONITOR, "unknown")
    try:
        job = Job(read_yaml(ENV_FILE))
        monitor = Monitor(job.output.get("monitor_file") or _DEFAULT_MONITOR, job.task_id)
        monitor.running(0.0)
        job.read_config()
        (train if job.training else predict).run(job, monitor)
        monitor.done()
        return 0
    except Exception as error:
        traceback.print_exc()
        monitor.failed(errors.code_of(error), f"{type(error).__name__}: {error}", traceback.format_exc())
        return 1


sys.exit(main())
