"""Run every example on its real engine and compare what it prints with what the page shows."""
