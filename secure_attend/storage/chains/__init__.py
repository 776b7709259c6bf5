"""Chained logs and MACs: how a change from outside is found."""
