"""Chooses what people annotate, brings it to Label Studio and back as the gold set, and decides about retraining and promotion."""
