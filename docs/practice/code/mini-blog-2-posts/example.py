"""Check what this step claims, and that the step before still holds."""

from checks import harness, posts, service

if __name__ == "__main__":
    harness.run(service, posts)
