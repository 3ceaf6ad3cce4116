"""Amazon S3: buckets, objects, listings and multipart uploads.

https://docs.aws.amazon.com/AmazonS3/latest/API/
"""

from apps.localregion.services.s3.buckets import (
    create_bucket,
    delete_bucket,
    get_bucket_location,
    head_bucket,
    list_buckets,
)
from apps.localregion.services.s3.copying import copy_object, upload_part_copy
from apps.localregion.services.s3.listing import list_objects, list_objects_v2
from apps.localregion.services.s3.multipart import (
    abort_multipart_upload,
    complete_multipart_upload,
    create_multipart_upload,
    upload_part,
)
from apps.localregion.services.s3.objects import (
    delete_object,
    delete_objects,
    get_object,
    head_object,
    put_object,
)
from apps.localregion.services.s3.upload_listing import list_multipart_uploads, list_parts

__all__ = [
    "abort_multipart_upload",
    "complete_multipart_upload",
    "copy_object",
    "create_bucket",
    "create_multipart_upload",
    "delete_bucket",
    "delete_object",
    "delete_objects",
    "get_bucket_location",
    "get_object",
    "head_bucket",
    "head_object",
    "list_buckets",
    "list_multipart_uploads",
    "list_objects",
    "list_objects_v2",
    "list_parts",
    "put_object",
    "upload_part",
    "upload_part_copy",
]
