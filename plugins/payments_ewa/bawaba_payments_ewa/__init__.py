"""Electricity and water accounts: bills, payments, dunning, fixed billing."""
