"""What a user's script is told: the SM_ variables, and its hyperparameters as arguments.

Names and formats are those of environment.py and mapping.py in github.com/aws/sagemaker-training-toolkit.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PREFIX = "sagemaker_"
# Not the script's: hyperparameters by which SDKs and tuning jobs talk to the image.
OURS = ("default_user_module_name", "_tuning_objective_metric")
# Of those with the prefix, what the image takes for itself; others are told as SM_FRAMEWORK_PARAMS.
KNOWN = (
    "sagemaker_program",
    "sagemaker_submit_directory",
    "sagemaker_enable_cloudwatch_metrics",
    "sagemaker_region",
    "sagemaker_container_log_level",
    "sagemaker_job_name",
    "sagemaker_s3_output",
)
INFO = 20

Facts = dict[str, Any]


@dataclass(frozen=True)
class Given:
    """What a job's input/config says to script mode."""

    program: str
    source: str  # sagemaker_submit_directory
    hyperparameters: Facts  # the script's own
    framework: Facts
    log_level: int
    job_name: str
    channels: Facts
    resources: Facts


def read(base: Path) -> Given:
    """Read input/config below /opt/ml or what stands for it; `program` is empty when none is named."""
    config = base / "input" / "config"
    texts = json.loads((config / "hyperparameters.json").read_text())
    values = {name: _decoded(text) for name, text in texts.items()}
    own = {name: value for name, value in values.items() if not name.startswith(PREFIX) and name not in OURS}
    return Given(
        program=str(values.get("sagemaker_program", os.environ.get("SAGEMAKER_PROGRAM", ""))),
        source=str(values.get("sagemaker_submit_directory", os.environ.get("SAGEMAKER_SUBMIT_DIRECTORY", ""))),
        hyperparameters=own,
        framework={name: value for name, value in values.items() if name.startswith(PREFIX) and name not in KNOWN},
        log_level=int(values.get("sagemaker_container_log_level", INFO)),
        job_name=str(values.get("sagemaker_job_name", os.environ.get("TRAINING_JOB_NAME", ""))),
        channels=json.loads((config / "inputdataconfig.json").read_text()),
        resources=json.loads((config / "resourceconfig.json").read_text()),
    )


def arguments(hyperparameters: Facts) -> list[str]:
    """`--name value` for each, in order of name; one letter gets one dash."""
    found: list[str] = []
    for name, value in sorted(hyperparameters.items()):
        if isinstance(value, dict):
            value = ",".join(f"{key}={each}" for key, each in sorted(value.items()))
        found += [f"--{name}" if len(name) > 1 else f"-{name}", "" if value is None else str(value)]
    return found


def training_env(base: Path, given: Given) -> Facts:
    """Everything that the script is told, as SM_TRAINING_ENV has it."""
    groups = {group["instance_group_name"]: group for group in given.resources.get("instance_groups", [])}
    current = given.resources.get("current_group_name", "")
    hosts = sorted(given.resources["hosts"])
    return {
        "additional_framework_parameters": given.framework,
        "channel_input_dirs": {name: str(base / "input" / "data" / name) for name in given.channels},
        "current_host": given.resources["current_host"],
        "current_instance_group": current,
        "current_instance_group_hosts": groups.get(current, {}).get("hosts", []),
        "current_instance_type": given.resources.get("current_instance_type", ""),
        "distribution_hosts": [],
        "distribution_instance_groups": [],
        "framework_module": os.environ.get("SAGEMAKER_TRAINING_MODULE", ""),
        "hosts": hosts,
        "hyperparameters": given.hyperparameters,
        "input_config_dir": str(base / "input" / "config"),
        "input_data_config": given.channels,
        "input_dir": str(base / "input"),
        "instance_groups": [*groups],
        "instance_groups_dict": groups,
        "is_hetero": len(groups) > 1,
        "is_master": given.resources["current_host"] == hosts[0],
        "is_modelparallel_enabled": None,
        "is_smddpmprun_installed": False,
        "is_smddprun_installed": False,
        "job_name": given.job_name,
        "log_level": given.log_level,
        "master_hostname": hosts[0],
        "model_dir": str(base / "model"),
        "module_dir": given.source,
        "module_name": given.program.removesuffix(".py"),
        "network_interface_name": given.resources.get("network_interface_name", ""),
        "num_cpus": os.cpu_count(),
        "num_gpus": 0,
        "num_neurons": 0,
        "output_data_dir": str(base / "output" / "data"),
        "output_dir": str(base / "output"),
        "output_intermediate_dir": str(base / "output" / "intermediate"),
        "resource_config": given.resources,
        "topology": [],
        "user_entry_point": given.program,
    }


RENAMED = {"hyperparameters": "hps", "additional_framework_parameters": "framework_params"}
ONLY_INSIDE = (
    "channel_input_dirs",
    "distribution_hosts",
    "is_master",
    "is_modelparallel_enabled",
    "is_smddpmprun_installed",
    "is_smddprun_installed",
    "job_name",
    "master_hostname",
    "topology",
)


def variables(base: Path, given: Given) -> dict[str, str]:
    """The SM_ variables."""
    facts = training_env(base, given)
    told = {RENAMED.get(name, name): value for name, value in facts.items() if name not in ONLY_INSIDE}
    told |= {
        "channels": sorted(given.channels),
        "training_env": facts,
        "user_args": arguments(given.hyperparameters),
        **{f"channel_{name}": path for name, path in facts["channel_input_dirs"].items()},
        **{f"hp_{name}": value for name, value in given.hyperparameters.items()},
    }
    return {f"SM_{name.upper()}": _encoded(value) for name, value in told.items()}


def _decoded(text: str) -> Any:
    """SDKs encode each hyperparameter as JSON; what is not is taken as it is."""
    try:
        return json.loads(text)
    except ValueError:
        return text


def _encoded(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, sort_keys=True, separators=(",", ":"))
