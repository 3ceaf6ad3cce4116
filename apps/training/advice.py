"""What usually helps when a training job fails: the first pattern found in its failure reason decides."""

import re

# What a reason says about permissions, data and machines goes before what its words may mean to the algorithm.
ADVICE = (
    (
        r"access ?denied|not authorized|\bforbidden\b|\(403\)|assume.?role",
        "Give the execution role read access to the data and write access to the output bucket, "
        "or choose data that it may read.",
    ),
    (
        r"\bhyper-?parameters?\b",
        "Correct the hyperparameter that the reason names; its range stands on the launch form. "
        "Change and launch again keeps the rest.",
    ),
    (
        r"no ?such ?(key|bucket)|no s3 objects|\bnot found\b|does not exist|\(404\)",
        "Check the S3 URIs of the channels: bucket, prefix and region must be right, and objects lie there.",
    ),
    (
        r"no space left|\bdisk (is )?full\b",
        "The instance's volume was full: train on less data, or let the program write less.",
    ),
    (
        r"\bmemory\b|\boom\b|\boom.?kill|exit code:? 137|\bsignal 9\b|\bsigkill\b",
        "The instance ran out of memory: choose a larger instance type, or fewer rows, a smaller max_depth or max_bin.",
    ),
    (
        r"\bcapacity|resource ?limit|\bquota\b|limit exceeded",
        "The account may not start that instance now: try another instance type, or ask AWS for a higher quota.",
    ),
    (r"max.?runtime|\btime limit\b", "Give it a longer maximum runtime, or fewer rounds."),
    (
        r"\bcsv\b|\bdelimiter\b|\blibsvm\b|\bpars(e|ed|ing)\b|content.?type|could not convert",
        "Check the file against its content type: text/csv needs the label first, numbers only and no header line.",
    ),
    (
        r"\blabels?\b|\bnum_class\b",
        "Check the first column: it must be the label, as 0 and 1 for a binary objective, as 0 to num_class - 1 for "
        "several classes. Choose an objective that fits the target.",
    ),
)
READ_THE_LOG = "Read the last lines of the log below: the cause usually stands just above the end."
WITHOUT_A_LOG = (
    "There is no log, for the job ended before its program had written a line. "
    "Correct what the reason names, then change and launch again."
)
# The names of buckets and files say nothing about the cause.
S3_URI = re.compile(r"s3://[^\s\"']+")


def advice_for(reason: str, *, has_log: bool) -> str:
    """The advice for that failure reason; a general one when no pattern fits, by whether there is a log to read."""
    said = S3_URI.sub("", reason)
    fitting = (text for pattern, text in ADVICE if re.search(pattern, said, re.IGNORECASE))
    return next(fitting, READ_THE_LOG if has_log else WITHOUT_A_LOG)
