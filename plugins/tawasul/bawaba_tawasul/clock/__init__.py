"""The working clock: calendars, and interval algebra over them. Pure."""
