"""Container images, through podman or Docker where one of them is installed and runs."""
