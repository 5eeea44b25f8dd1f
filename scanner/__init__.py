"""Shows that a camera pipeline does not recognise people, and covers faces in footage before release."""

__version__ = "0.1.0"
