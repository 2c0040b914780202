"""The tools behind the Backend Study Guide: read, check, draw, index and publish its pages."""
