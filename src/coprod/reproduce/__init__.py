"""Rerunning: which notebooks there are, their parameters, their execution, and the check of what came out."""
