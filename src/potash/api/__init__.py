"""The front door: plain arguments in, typed results out.

:mod:`~potash.api.compute` has what computes (:func:`~potash.api.compute.adsorb`,
:func:`~potash.api.compute.molecule`, ...), :mod:`~potash.api.known` what reads
(trajectories, rows, the catalogue), :mod:`~potash.api.results` what comes back. Users
call them as ``potash.adsorb`` and so on.
"""
