"""Hosts: potassium on surfaces."""
