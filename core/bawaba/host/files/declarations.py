"""What core declares for files."""

from __future__ import annotations

import datetime as dt

from bawaba.host.files import domain
from bawaba.host.files.graphql import FileMutation, load_attachments
from bawaba.host.files.services.cleaning import clean
from bawaba.jobs import Job
from bawaba.plugin import Machine, NodeType, Permission, Role, SchemaPart
from bawaba.text import Text

PERMISSIONS = [
    Permission(
        "files.use",
        Text("Upload files, and download those one may see.", "رفع الملفات وتنزيل المتاح منها."),
    )
]
ROLES = [Role("files-user", Text("User of files", "مستخدم الملفات"), ("files.use",), everyone=True)]
ERRORS = list(domain.REFUSALS)
MACHINES = [Machine(domain.FILE, Text("An uploaded file.", "ملف مرفوع."))]
JOBS = [Job("files.clean", clean, every=dt.timedelta(seconds=60))]
SCHEMA_PARTS = [SchemaPart(mutation=FileMutation)]
NODES = [NodeType("Attachment", load_attachments)]
