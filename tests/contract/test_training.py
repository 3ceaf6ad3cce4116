"""Launch, watch and history, the same on the local region and on an AWS double that is not ours."""

from typing import Any

from tests.contract.conftest import BUCKET, Place
from tests.stack import until


def payload(**changes: Any) -> dict[str, Any]:
    """A launch on the breast cancer data."""
    channels = {
        name: {"s3_uri": f"s3://{BUCKET}/{name}/", "content_type": "text/csv"} for name in ("train", "validation")
    }
    body = {
        "algorithm": "xgboost",
        "hyperparameters": {"objective": "binary:logistic", "eval_metric": "auc", "num_round": 20, "eta": 0.2},
        "channels": channels,
        "tags": {"team": "risk"},
    }
    return {**body, **changes}


def test_a_launch_is_answered_at_once_and_watched_to_its_end(place: Place) -> None:
    status, job = place.call("POST", body=payload())
    assert status == 201, job
    assert (job["status"], job["owner"]) == ("Requested", "admin")
    done = place.wait_for(job["name"], "Completed", "Failed")
    assert (done["status"], done["failure_reason"]) == ("Completed", None)
    assert done["model_s3_uri"].startswith("s3://")
    assert done["started_at"]
    assert done["ended_at"]


def test_the_job_that_sagemaker_has_is_the_one_that_was_asked_for(place: Place) -> None:
    _, job = place.call("POST", body=payload(instance_type="ml.c5.xlarge", max_runtime_seconds=600))
    place.wait_for(job["name"], "Completed")
    answer = place.sagemaker.describe_training_job(TrainingJobName=job["name"])
    assert answer["HyperParameters"]["num_round"] == "20"
    assert answer["ResourceConfig"]["InstanceType"] == "ml.c5.xlarge"
    assert answer["StoppingCondition"]["MaxRuntimeInSeconds"] == 600
    tags = place.sagemaker.list_tags(ResourceArn=answer["TrainingJobArn"])["Tags"]
    marks = {tag["Key"]: tag["Value"] for tag in tags}
    assert (marks["team"], marks["mlconsole:owner"]) == ("risk", "admin")


def test_the_history_has_it_first_and_pages_without_gaps(place: Place) -> None:
    names = [place.call("POST", body=payload())[1]["name"] for _ in range(3)]
    _, first = place.call("GET", "?limit=2")
    _, second = place.call("GET", f"?limit=1&cursor={first['next_cursor']}")
    assert [job["name"] for job in first["items"] + second["items"]] == names[::-1]
    for name in names:
        place.wait_for(name, "Completed")


def test_a_job_launched_by_a_plain_boto3_program_appears_too(place: Place) -> None:
    _, job = place.call("POST", body=payload())
    place.wait_for(job["name"], "Completed")
    model = place.sagemaker.describe_training_job(TrainingJobName=job["name"])
    members = ("AlgorithmSpecification", "RoleArn", "HyperParameters", "InputDataConfig", "OutputDataConfig",
               "ResourceConfig", "StoppingCondition")  # fmt: skip
    request = {name: model[name] for name in members}
    image = request["AlgorithmSpecification"]["TrainingImage"]
    request["AlgorithmSpecification"] = {"TrainingImage": image, "TrainingInputMode": "File"}
    place.sagemaker.create_training_job(TrainingJobName=f"plain-{place.slug}", **request)
    found = place.wait_for(f"plain-{place.slug}", "Completed")
    assert (found["algorithm"], found["owner"]) == ("xgboost", None)
    if place.slug == "local":  # moto's server logs nothing

        def steps() -> list[int] | None:
            curves = place.call("GET", f"/plain-{place.slug}/metrics")[1]["items"]
            return curves[0]["steps"] if curves and len(curves[0]["steps"]) == 20 else None

        assert until(steps, 150, "20 rounds") == list(range(20))
    assert found["hyperparameters"]["num_round"] == "20"


def test_a_name_taken_by_another_program_fails_by_name(place: Place) -> None:
    _, job = place.call("POST", body=payload())
    place.wait_for(job["name"], "Completed")
    status, refusal = place.call("POST", body=payload(name=job["name"]))
    assert status == 422
    assert refusal["detail"][0]["field"] == "name"


def test_bad_input_is_refused_with_the_fields_name(place: Place) -> None:
    for changes, field in (
        ({"algorithm": "guess"}, "algorithm"),
        ({"hyperparameters": {"num_round": 10, "eta": 7}}, "hyperparameters.eta"),
        ({"hyperparameters": {"num_round": 10, "etaa": 0.1}}, "hyperparameters.etaa"),
        ({"hyperparameters": {}}, "hyperparameters.num_round"),
        ({"channels": {}}, "channels.train.s3_uri"),
        ({"channels": {"train": {"s3_uri": "/tmp/x"}}}, "channels.train.s3_uri"),
        ({"channels": {"test": {"s3_uri": "s3://b/x"}}}, "channels.test"),
        ({"instance_count": "many"}, "instance_count"),
        ({"instance_type": "ml.none"}, "instance_type"),
        ({"max_runtime_seconds": 0}, "max_runtime_seconds"),
        ({"surprise": 1}, "surprise"),
    ):
        status, refusal = place.call("POST", body=payload(**changes))
        assert (status, field) == (422, refusal["detail"][0]["field"]), refusal


def test_who_has_no_token_gets_nothing(place: Place) -> None:
    stranger = Place(place.stack, place.slug, "mlc_guess", place.s3, place.sagemaker)
    assert stranger.call("GET")[0] == 401


def test_what_does_not_exist_is_not_found(place: Place) -> None:
    assert place.call("GET", "/nobody")[0] == 404
    nowhere = Place(place.stack, "nowhere", place.token, place.s3, place.sagemaker)
    assert nowhere.call("GET")[0] == 404


def test_log_and_metrics_of_a_real_job_are_whole(place: Place) -> None:
    _, job = place.call("POST", body=payload())
    place.wait_for(job["name"], "Completed")
    if place.slug == "moto":  # it runs nothing, so there is nothing to read, and that is no error
        assert place.call("GET", f"/{job['name']}/logs") == (200, {"items": [], "next_cursor": 0, "more": False})
        assert place.call("GET", f"/{job['name']}/metrics") == (200, {"items": []})
        return

    # whoever sees the last status sees every round, too
    assert place.call("GET", f"/{job['name']}/metrics")[1]["items"][0]["steps"] == list(range(20))
    lines = place.call("GET", f"/{job['name']}/logs")[1]["items"]
    assert [line["number"] for line in lines] == list(range(1, len(lines) + 1))
    assert any("#011validation-auc:" in line["text"] for line in lines)
    best = place.call("GET", f"/{job['name']}")[1]["metrics"]
    assert best["validation:auc"] > 0.97
