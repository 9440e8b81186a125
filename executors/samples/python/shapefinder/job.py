"""What is asked: /in/env.yaml and the configuration file that it names."""

import yaml

from . import errors
from .errors import ExecutorError
from .files import locate

ENV_FILE = "/in/env.yaml"
DETECTION = 2
_TASKS = ("run_training", "run_mining", "run_infer")


class Job:
    """One job: its switches, its paths (as the protocol writes them) and its parameters."""

    def __init__(self, env):
        self.task_id = str(env.get("task_id", ""))
        self.training, self.mining, self.infer = (bool(env.get(task)) for task in _TASKS)
        self.input = env.get("input") or {}
        self.output = env.get("output") or {}
        self.config = {}

    def read_config(self):
        """Read the configuration file and check what concerns all tasks."""
        self.config = read_yaml(self.input_path("config_file"))
        if self.config.get("object_type") != DETECTION:
            raise ExecutorError(
                errors.BAD_OBJECT_TYPE,
                f"object_type is {self.config.get('object_type')!r}, this image does only 2 (detection)")
        if not (self.training or self.mining or self.infer):
            raise ExecutorError(errors.CONFIGURATION, "env.yaml asks for no task")
        if self.training and (self.mining or self.infer):
            raise ExecutorError(errors.CONFIGURATION, "env.yaml asks for training and another task at once")

    def input_path(self, key):
        return _named(self.input, key, "input")

    def output_path(self, key):
        return _named(self.output, key, "output")

    def class_names(self):
        names = self.config.get("class_names")
        if not isinstance(names, list) or not names:
            raise ExecutorError(errors.CONFIGURATION, "class_names must be a list with at least one name")
        return [str(name) for name in names]

    def number(self, key, kind, low, high):
        """The parameter `key` as `kind` (int or float), checked to lie in low..high."""
        value = self.config.get(key)
        try:
            number = kind(value)
        except (TypeError, ValueError):
            raise ExecutorError(errors.CONFIGURATION, f"{key} is not a number: {value!r}") from None
        if not low <= number <= high:
            raise ExecutorError(errors.CONFIGURATION, f"{key} must lie in {low}..{high}, not {value!r}")
        return number


def read_yaml(path):
    """The mapping in a YAML file."""
    try:
        content = yaml.safe_load(locate(path).read_text(encoding="utf-8"))
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise ExecutorError(errors.CONFIGURATION, f"cannot read {path}: {error}") from error
    if not isinstance(content, dict):
        raise ExecutorError(errors.CONFIGURATION, f"{path} holds no mapping")
    return content


def _named(section, key, section_name):
    path = section.get(key)
    if not path:
        raise ExecutorError(errors.CONFIGURATION, f"env.yaml names no {section_name}.{key}")
    return str(path)
