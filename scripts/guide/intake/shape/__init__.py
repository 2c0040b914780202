"""Passes over sections: the outline, its questions, levels and headings."""
