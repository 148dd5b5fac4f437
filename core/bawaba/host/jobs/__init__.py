"""Work for later.

``domain`` states and delays · ``models`` the row · ``queue`` enqueueing and the dead-letter list ·
``claims`` taking and ending a run · ``worker`` running in the background.
"""
