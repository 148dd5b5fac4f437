"""Payments: frozen prices, a machine of states, an inbox of callbacks, settlement, refunds."""
