"""Calibrating: from the values of labelled files to the tables by which findings are weighed.

`table.fit_table` makes a table from `items.Scored`, `table.write_table` writes it; ``evidence.calibration`` only applies it.
`logistic.fit` and `logistic.fit_many`, `pav.fit`, `bounds.elub` and `bounds.counted` are its parts.
"""
