"""Trains, evaluates, registers and promotes the model that codes descriptions of economic activities."""

__version__ = "1.0.0"
