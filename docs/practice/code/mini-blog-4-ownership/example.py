"""Check what this step claims, and that the steps before still hold."""

from checks import accounts, harness, ownership, posts, service

if __name__ == "__main__":
    harness.run(service, posts, accounts, ownership)
