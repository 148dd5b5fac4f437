"""The laws of the post: tracking numbers, states, duty, boxes, letters. Pure."""
