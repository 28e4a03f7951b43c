"""Liquids: from a formulation to a simulated trajectory."""
