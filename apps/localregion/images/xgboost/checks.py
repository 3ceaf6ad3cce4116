"""What XGBoost's hyperparameters must be to each other, in the container's own sentences.

Source: algorithm_mode/hyperparameter_validation.py of github.com/aws/sagemaker-xgboost-container.
"""

from typing import Any

from apps.localregion.images.failures import UserError

TREE_GROWERS = (
    "grow_colmaker",
    "distcol",
    "grow_histmaker",
    "grow_local_histmaker",
    "grow_quantile_histmaker",
)
LINEAR = ("shotgun", "coord_descent")
REFRESHERS = ("refresh", "prune")
WITH_THRESHOLD = ("error", "ndcg", "map")


def check(values: dict[str, Any], metrics: list[str]) -> None:
    """Raise UserError for the first combination that does not go together; `metrics` are those that exist."""
    if "updater" in values:
        _updater(values["updater"], values.get("booster"), values.get("process_type"))
    if values.get("objective") in ("multi:softmax", "multi:softprob") and "num_class" not in values:
        raise UserError("Require input for parameter 'num_class' for multi-classification")
    if "num_class" in values and not str(values.get("objective")).startswith("multi:"):
        raise UserError("Do not need to setup parameter 'num_class' for learning task other than multi-classification.")
    _eval_metric(values.get("eval_metric", []), str(values.get("objective")), metrics)
    _tuning_metric(values.get("_tuning_objective_metric"), metrics)
    _constraints(values)


def _updater(updater: list[str], booster: str | None, process: str | None) -> None:
    if booster == "gblinear":
        if len(updater) != 1 or updater[0] not in LINEAR:
            raise UserError("Linear updater should be one of these options: 'shotgun', 'coord_descent'.")
    elif process == "update":
        if not set(updater) <= set(REFRESHERS):
            raise UserError("process_type 'update' can only be used with updater 'refresh' and 'prune'")
    elif sum(each in TREE_GROWERS for each in updater) > 1:
        raise UserError(
            "Only one tree grow plugin can be selected. Choose one from the"
            "following: 'grow_colmaker', 'distcol', 'grow_histmaker', 'grow_local_histmaker', 'grow_skmaker'"
        )


def _eval_metric(given: list[str], objective: str, metrics: list[str]) -> None:
    for metric in given:
        name, at, threshold = metric.partition("@")
        if at:
            _threshold(metric, name.strip(), threshold.strip())
        elif metric not in metrics:
            raise UserError(f"Hyperparameter eval_metric: value {given} not in range {metrics}")
    if "auc" in given and not objective.startswith(("binary:", "rank:")):
        raise UserError("Metric 'auc' can only be applied for classification and ranking problems.")
    if "aft-nloglik" in given and objective != "survival:aft":
        raise UserError("Metric 'aft-nloglik' can only be applied for 'survival:aft' objective.")


def _threshold(metric: str, name: str, threshold: str) -> None:
    if name not in WITH_THRESHOLD:
        raise UserError(
            f"Metric '{metric}' is not supported. Parameter 'eval_metric' with customized threshold should "
            "be one of these options: 'error', 'ndcg', 'map'."
        )
    try:
        float(threshold)
    except ValueError as error:
        raise UserError(f"Threshold value 't' in '{name}@t' expects float input.") from error


def _tuning_metric(given: str | None, metrics: list[str]) -> None:
    allowed = [f"validation:{name}" for name in metrics]
    if given is not None and given not in allowed:
        raise UserError(f"Hyperparameter _tuning_objective_metric: {given} is not in {allowed}")


def _constraints(values: dict[str, Any]) -> None:
    method = values.get("tree_method")
    if "monotone_constraints" in values and method not in ("exact", "hist"):
        raise UserError(
            "monotone_constraints can be used only when the tree_method parameter is set to either 'exact' or 'hist'."
        )
    if "interaction_constraints" in values and method not in ("exact", "hist", "approx"):
        raise UserError(
            "interaction_constraints can be used only when the tree_method parameter is set to "
            "either 'exact', 'hist' or 'approx'."
        )
