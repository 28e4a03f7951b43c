"""Engines: the only code that talks to programs which compute energies and forces."""
