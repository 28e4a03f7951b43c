"""Bulk: phases, reactions with potassium, nucleation."""
