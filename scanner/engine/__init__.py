"""Runs units of work: in this process or in local workers that can die alone."""
