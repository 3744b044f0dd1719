"""Cases: exhibits as working copies, what was done with them as a hash-chained log, and the reports that were made.

``case`` is the way in; it neither examines nor words anything.
"""
