"""The words of files: states, limits, refusals."""

from __future__ import annotations

import datetime as dt
import enum

from bawaba.domain import StateMachine
from bawaba.errors import Refusal, TryAgain
from bawaba.text import Text

MAX_ATTACHED = 10
"""The most files that one call attaches."""
MAX_NAME = 200
PLATFORM = ""
"""The owner of files that the platform made: nobody's id."""
MAX_WAITING = 20
"""Files of one person that are not attached yet."""
UPLOAD_WITHIN = dt.timedelta(minutes=15)
ATTACH_WITHIN = dt.timedelta(hours=24)
TICKET_LIVES = dt.timedelta(seconds=60)
LONGEST_UPLOAD = dt.timedelta(minutes=30)
"""How long the bytes of one upload may take."""
ATTEMPT_DEAD = dt.timedelta(hours=1)
"""An attempt older than this has crashed: longer than any upload may take."""


class FileStatus(enum.Enum):
    """Where a file stands."""

    AWAITED = "AWAITED"
    STORED = "STORED"
    ATTACHED = "ATTACHED"
    REJECTED = "REJECTED"
    EXPIRED = "EXPIRED"


class FileTrigger(enum.Enum):
    """What happens to a file."""

    STORE = "STORE"
    ATTACH = "ATTACH"
    REJECT = "REJECT"
    EXPIRE = "EXPIRE"


_S, _T = FileStatus, FileTrigger
FILE: StateMachine[FileStatus, FileTrigger] = StateMachine(
    name="file",
    initial=_S.AWAITED,
    edges={
        (_S.AWAITED, _T.STORE): _S.STORED,
        (_S.AWAITED, _T.REJECT): _S.REJECTED,
        (_S.AWAITED, _T.EXPIRE): _S.EXPIRED,
        (_S.STORED, _T.ATTACH): _S.ATTACHED,
        (_S.STORED, _T.EXPIRE): _S.EXPIRED,
    },
    terminal=frozenset({_S.ATTACHED, _S.REJECTED, _S.EXPIRED}),
)


class ObjectState(enum.Enum):
    """Whether an object of the store is being written, is a file's, or is to be deleted."""

    WRITING = "WRITING"
    KEPT = "KEPT"
    DOOMED = "DOOMED"


class FileNameInvalid(Refusal):
    """A file's name has 1 to 200 characters, no path separators and no control characters."""

    code = "FILE_NAME_INVALID"
    text = Text("The file's name is not acceptable.", "اسم الملف غير مقبول.")


class FilePurposeUnknown(Refusal):
    """No loaded plugin takes files for this purpose. Use a purpose that the service documents."""

    code = "FILE_PURPOSE_UNKNOWN"
    text = Text("Files are not taken for this purpose.", "لا تُقبل الملفات لهذا الغرض.")


class FileTypeNotAllowed(Refusal):
    """The declared media type is not one that the purpose takes."""

    code = "FILE_TYPE_NOT_ALLOWED"
    text = Text("Files of this type are not taken.", "لا يُقبل هذا النوع من الملفات.")


class FileTypeMismatch(Refusal):
    """The bytes are not of the declared media type. Declare the true one in a new upload."""

    code = "FILE_TYPE_MISMATCH"
    text = Text("The content is not of the stated type.", "محتوى الملف لا يطابق نوعه المعلن.")


class FileSizeInvalid(Refusal):
    """The declared size is not between one byte and what the purpose allows."""

    code = "FILE_SIZE_INVALID"
    text = Text(
        "A file must have 1 to {most} bytes.", "يجب أن يكون حجم الملف من 1 إلى {most} بايت."
    )


class FileSizeMismatch(Refusal):
    """More or fewer bytes arrived than were declared. Ask for a new place with the true size."""

    code = "FILE_SIZE_MISMATCH"
    text = Text("The size is not the stated one.", "حجم الملف لا يطابق الحجم المعلن.")


class FileHashInvalid(Refusal):
    """The SHA-256 is written as 64 hexadecimal digits."""

    code = "FILE_HASH_INVALID"
    text = Text("The SHA-256 is not well formed.", "صيغة بصمة SHA-256 غير صحيحة.")


class FileHashMismatch(Refusal):
    """The bytes that arrived have another SHA-256 than was declared. Upload the file anew."""

    code = "FILE_HASH_MISMATCH"
    text = Text("The content is not the stated one.", "محتوى الملف لا يطابق بصمته المعلنة.")


class TooManyFiles(Refusal):
    """At most 10 files are attached at once, and a person has 20 unattached uploads at most."""

    code = "TOO_MANY_FILES"
    text = Text("There are too many files.", "عدد الملفات أكبر من المسموح.")


class FileNotReady(Refusal):
    """The file's bytes did not arrive, its time is over, or it is attached to something already."""

    code = "FILE_NOT_READY"
    text = Text("The file cannot be used.", "لا يمكن استخدام الملف.")


class FileAlreadyStored(Refusal):
    """The bytes of this upload arrived before, or its time is over. Ask for a new place."""

    code = "FILE_ALREADY_STORED"
    text = Text("This upload has ended already.", "سبق أن انتهت عملية الرفع هذه.")


class UploadInterrupted(TryAgain):
    """The bytes stopped coming. Send the file again to the same address."""

    code = "UPLOAD_INTERRUPTED"
    text = Text("The upload was interrupted.", "انقطعت عملية الرفع.")


REFUSALS: list[type[Refusal]] = [
    FileAlreadyStored,
    FileHashInvalid,
    FileHashMismatch,
    FileNameInvalid,
    FileNotReady,
    FilePurposeUnknown,
    FileSizeInvalid,
    FileSizeMismatch,
    FileTypeMismatch,
    FileTypeNotAllowed,
    TooManyFiles,
    UploadInterrupted,
]
