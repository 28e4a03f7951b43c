"""Trajectories: the analysis of anyone's molecular dynamics."""
