"""Rows of employees, leave, pay and certificates, and of the simulated bureau."""

from __future__ import annotations

from bawaba_civil_service.models.leave import CivilHoliday, CivilLeave, CivilLeaveStep
from bawaba_civil_service.models.papers import CivilCertificate, CivilRequest
from bawaba_civil_service.models.pay import CivilPayslip, CivilPayslipLine, CivilPrint
from bawaba_civil_service.models.people import CivilEmployee, CivilEntity, CivilLetter
from bawaba_civil_service.models.simulated import SimulatedMode, SimulatedNotice, SimulatedRecord

__all__ = [
    "CivilCertificate",
    "CivilEmployee",
    "CivilEntity",
    "CivilHoliday",
    "CivilLeave",
    "CivilLeaveStep",
    "CivilLetter",
    "CivilPayslip",
    "CivilPayslipLine",
    "CivilPrint",
    "CivilRequest",
    "SimulatedMode",
    "SimulatedNotice",
    "SimulatedRecord",
]
