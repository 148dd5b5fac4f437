"""A payment gateway that anyone can try; see the README beside this package."""
