"""AWS Key Management Service: symmetric keys, aliases, grants, and what they encrypt.

https://docs.aws.amazon.com/kms/latest/APIReference/
"""

from apps.localregion.services.kms.aliases import (
    create_alias,
    delete_alias,
    list_aliases,
    update_alias,
)
from apps.localregion.services.kms.encryption import (
    decrypt,
    encrypt,
    generate_data_key,
    generate_data_key_without_plaintext,
    generate_random,
    re_encrypt,
)
from apps.localregion.services.kms.grants import (
    create_grant,
    list_grants,
    list_retirable_grants,
    retire_grant,
    revoke_grant,
)
from apps.localregion.services.kms.keys import (
    cancel_key_deletion,
    create_key,
    describe_key,
    disable_key,
    disable_key_rotation,
    enable_key,
    enable_key_rotation,
    get_key_policy,
    get_key_rotation_status,
    list_key_policies,
    list_keys,
    list_resource_tags,
    put_key_policy,
    schedule_key_deletion,
    tag_resource,
    untag_resource,
    update_key_description,
)

__all__ = [
    "cancel_key_deletion",
    "create_alias",
    "create_grant",
    "create_key",
    "decrypt",
    "delete_alias",
    "describe_key",
    "disable_key",
    "disable_key_rotation",
    "enable_key",
    "enable_key_rotation",
    "encrypt",
    "generate_data_key",
    "generate_data_key_without_plaintext",
    "generate_random",
    "get_key_policy",
    "get_key_rotation_status",
    "list_aliases",
    "list_grants",
    "list_key_policies",
    "list_keys",
    "list_resource_tags",
    "list_retirable_grants",
    "put_key_policy",
    "re_encrypt",
    "retire_grant",
    "revoke_grant",
    "schedule_key_deletion",
    "tag_resource",
    "untag_resource",
    "update_alias",
    "update_key_description",
]
