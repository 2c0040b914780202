"""Say what was done, and prove that nothing is lost."""
