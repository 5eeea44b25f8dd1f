"""The catalogue: rules as data, and their loader."""

from scanner.rules.load import RuleSet, load_rules
from scanner.rules.model import Rule

__all__ = ["Rule", "RuleSet", "load_rules"]
