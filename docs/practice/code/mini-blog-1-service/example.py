"""Check what this step claims."""

from checks import harness, service

if __name__ == "__main__":
    harness.run(service)
