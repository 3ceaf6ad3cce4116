"""Becomes the engine's client that runs the `serve` of a container image."""

from apps.localregion.images.container.train import main

if __name__ == "__main__":
    main("serve")
