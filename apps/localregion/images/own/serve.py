"""Becomes the `serve` of a user's own image."""

import sys

from apps.localregion.images.own.train import main

if __name__ == "__main__":
    sys.exit(main("serve"))
