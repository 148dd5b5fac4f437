"""Rows of the post, and of the simulated post."""

from __future__ import annotations

from bawaba_bahrain_post.models.boxes import PostBill, PostBox, PostCustomer
from bawaba_bahrain_post.models.shipments import PostScan, PostShipment
from bawaba_bahrain_post.models.simulated import (
    SimulatedConsignment,
    SimulatedLetter,
    SimulatedMode,
)

__models__ = [
    PostBill,
    PostBox,
    PostCustomer,
    PostScan,
    PostShipment,
    SimulatedConsignment,
    SimulatedLetter,
    SimulatedMode,
]
__all__ = [
    "PostBill",
    "PostBox",
    "PostCustomer",
    "PostScan",
    "PostShipment",
    "SimulatedConsignment",
    "SimulatedLetter",
    "SimulatedMode",
]
