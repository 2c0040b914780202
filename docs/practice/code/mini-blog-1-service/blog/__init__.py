"""The API of a small blog."""

import logging

# Whoever runs it decides where its log goes; without a decision, nowhere.
logging.getLogger(__name__).addHandler(logging.NullHandler())
