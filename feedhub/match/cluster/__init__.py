"""Matches -> stories."""
