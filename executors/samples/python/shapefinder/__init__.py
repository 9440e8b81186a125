"""A small object detector in numpy behind the YMIR container protocol 1.1.0."""
