"""The report: data first, then its words and pictures."""
