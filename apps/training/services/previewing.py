"""What is shown of a launch before it happens: its price, what it will likely cost, and the same as code."""

from dataclasses import dataclass
from decimal import Decimal

from apps.accounts.models import User
from apps.aws.errors import AwsFailure
from apps.aws.prices import price_per_hour
from apps.core.errors import Refusal
from apps.training.aws.requests import create_request
from apps.training.code import Snippets, snippets
from apps.training.forms import PREFIX, LaunchForm
from apps.training.models import TrainingJob
from apps.training.queries.estimates import Estimate, estimate
from apps.training.services.launching import requested


@dataclass(frozen=True)
class Preview:
    """Of a form that may be unfinished: what cannot be told yet is None. Costs are USD on demand."""

    instance: str
    count: int | None
    runtime: int | None
    hourly: Decimal | None
    worst: Decimal | None
    data: str
    changed: list[tuple[str, str]]
    estimate: Estimate | None
    likely: Decimal | None
    code: Snippets | None
    missing: str


def preview(form: LaunchForm, owner: User | None) -> Preview:
    """The form has been checked; its errors are told beside its fields, not here."""
    given = form.cleaned_data
    job = requested(form.workspace, owner, form.spec()) if form.is_valid() else None
    price = price_per_hour(given.get("instance_type", ""))
    count, runtime = given.get("instance_count"), given.get("max_runtime_seconds")
    hourly = price * count if price is not None and count else None
    expected = estimate(job) if job else None
    code, missing = _code(job) if job else (None, "")
    return Preview(
        instance=given.get("instance_type", ""),
        count=count,
        runtime=runtime,
        hourly=hourly,
        worst=_cost(hourly, runtime),
        data=_data(form),
        changed=[(name, value) for name, value in _set(form).items()],
        estimate=expected,
        likely=_cost(hourly, expected.seconds) if expected else None,
        code=code,
        missing=missing,
    )


def _cost(hourly: Decimal | None, seconds: float | None) -> Decimal | None:
    return None if hourly is None or seconds is None else hourly * Decimal(seconds) / 3600


def _data(form: LaunchForm) -> str:
    dataset = form.cleaned_data.get("dataset")
    if dataset and dataset.current:
        return f"{dataset.name} v{dataset.current.number}"
    return str(form.cleaned_data.get("train_s3_uri", ""))


def _set(form: LaunchForm) -> dict[str, str]:
    """The hyperparameters that were given."""
    free: dict[str, str] = form.cleaned_data.get("hyperparameters", {})
    rows = {name.removeprefix(PREFIX): value for name, value in form.cleaned_data.items() if name.startswith(PREFIX)}
    return {name: value for name, value in rows.items() if value} | free


def _code(job: TrainingJob) -> tuple[Snippets | None, str]:
    """The programs; or why there are none yet."""
    if job.source.get("git_url"):
        return (
            None,
            "The console fetches the repository and packs it when the job is launched: see the job's page then.",
        )
    try:
        return snippets(create_request(job), job.workspace.region), ""
    except AwsFailure as error:
        return None, f"The account cannot be asked for its number: {error.message}"
    except Refusal as error:
        return None, error.message
