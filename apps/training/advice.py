"""What usually helps when a training job fails: the first pattern found in its failure reason decides."""

import re

ADVICE = (
    (
        r"invalid.*hyperparameter|hyperparameter.*(invalid|missing|required|validat)",
        "Correct the hyperparameter that the reason names; its range stands on the launch form. "
        "Change and launch again keeps the rest.",
    ),
    (
        r"label|num_class",
        "Check the first column: it must be the label, as 0 and 1 for a binary objective, as 0 to num_class - 1 for "
        "several classes. Choose an objective that fits the target.",
    ),
    (
        r"no such (key|bucket)|not found|does not exist|no s3 objects|404",
        "Check the S3 URIs of the channels: bucket, prefix and region must be right, and objects lie there.",
    ),
    (
        r"access ?denied|not authorized|forbidden|403|assumerole",
        "Give the execution role read access to the data and write access to the output bucket, "
        "or choose data that it may read.",
    ),
    (
        r"csv|delimiter|libsvm|parse|content.?type|could not convert",
        "Check the file against its content type: text/csv needs the label first, numbers only and no header line.",
    ),
    (
        r"memory|oom|exit code:? 137|signal 9",
        "The instance ran out of memory: choose a larger instance type, or fewer rows, a smaller max_depth or max_bin.",
    ),
    (
        r"capacity|resourcelimit|quota|limit exceeded",
        "The account may not start that instance now: try another instance type, or ask AWS for a higher quota.",
    ),
    (r"max.?runtime|time limit", "Give it a longer maximum runtime, or fewer rounds."),
)
GENERAL = "Read the last lines of the log below: the cause usually stands just above the end."


def advice_for(reason: str) -> str:
    """The advice for that failure reason; a general one when no pattern fits."""
    return next((text for pattern, text in ADVICE if re.search(pattern, reason, re.IGNORECASE)), GENERAL)
