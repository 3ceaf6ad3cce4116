"""SageMaker's operations."""

from apps.localregion.services.sagemaker.models import create_model, delete_model, describe_model, list_models
from apps.localregion.services.sagemaker.processing_jobs import (
    create_processing_job,
    delete_processing_job,
    describe_processing_job,
    list_processing_jobs,
    stop_processing_job,
)
from apps.localregion.services.sagemaker.search import get_search_suggestions, search
from apps.localregion.services.sagemaker.tags import add_tags, delete_tags, list_tags
from apps.localregion.services.sagemaker.training_jobs import (
    create_training_job,
    delete_training_job,
    describe_training_job,
    list_training_jobs,
    stop_training_job,
    update_training_job,
)
from apps.localregion.services.sagemaker.transform_jobs import (
    create_transform_job,
    describe_transform_job,
    list_transform_jobs,
    stop_transform_job,
)

__all__ = [
    "add_tags",
    "create_model",
    "create_processing_job",
    "create_training_job",
    "create_transform_job",
    "delete_model",
    "delete_processing_job",
    "delete_tags",
    "delete_training_job",
    "describe_model",
    "describe_processing_job",
    "describe_training_job",
    "describe_transform_job",
    "get_search_suggestions",
    "list_models",
    "list_processing_jobs",
    "list_tags",
    "list_training_jobs",
    "list_transform_jobs",
    "search",
    "stop_processing_job",
    "stop_training_job",
    "stop_transform_job",
    "update_training_job",
]
