"""Relate what a document says to the topics of the guide."""
