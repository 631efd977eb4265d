"""Reporting: files and pages taken out of executed notebooks."""
