"""The review's claims, each with a verdict computed from rows.

A verdict is ``agrees`` or ``disagrees`` only beyond the errors of the numbers, the same on
both sides, else ``unresolved``; what no row can decide is ``not_computed`` and says what
would have to be computed; what no method here can decide is ``not_computable``.
"""
