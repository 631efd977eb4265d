"""The report as a site: the executed notebooks and a few pages around them, built by Sphinx."""

from coprod.report.site.build import build_site
from coprod.report.site.pages import PLACE, TITLE, write_report

__all__ = ["PLACE", "TITLE", "build_site", "write_report"]
