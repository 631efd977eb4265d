"""The report as a site: the executed notebooks and a few pages around them, built by Sphinx."""

from coprod.report.site.build import build_site

__all__ = ["build_site"]
