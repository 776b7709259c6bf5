"""Checks that every request passes: who may call, what is audited, body limits, browser checks, and problems."""
