"""What each step claims, checked against the running service."""
