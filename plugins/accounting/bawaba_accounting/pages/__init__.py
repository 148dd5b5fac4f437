"""The public pages of the accounting: the portal's figures, and the statistics as sheets."""
