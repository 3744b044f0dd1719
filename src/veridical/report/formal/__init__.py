"""The examiner's report: every box of what such a report must contain, filled or named as open."""
