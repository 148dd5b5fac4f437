"""The laws of electricity and water accounts. Pure: days and amounts are arguments."""
