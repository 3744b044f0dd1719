"""Every error veridical raises on purpose, in one tree.

VeridicalError
├── UsageError                what was asked for does not exist or does not fit
├── CaseDamaged               a case, or a bundle of one, is not what its log says
├── DeclarationError          an examination or percept is declared wrongly (found at start-up)
├── MediaError                a file cannot be examined; names the file and what to do next
│   ├── NotMedia              empty, or not an image, video or audio file
│   ├── UnsupportedMedia      recognised, but this installation has no decoder for it
│   ├── DamagedMedia          recognised, but truncated or corrupt
│   ├── EncryptedMedia        recognised, but its content is encrypted
│   ├── MediaTooLarge         beyond the limits of pixels, duration or bytes
│   ├── DecoderFailed         the decoder crashed, ran out of time or of memory
│   └── MediaChanged          the file changed while it was examined
├── ModelError
│   ├── UnknownModel          no model of that name in the catalogue
│   ├── FetchFailed           a model could not be downloaded
│   └── HashMismatch          a model file is not the one that the catalogue pins
└── NotApplicable             an examination or percept cannot say anything about this exhibit
    ├── NoSuchStream          … because it is of another kind: no picture, no sound
    └── NotInstalled          … because of this installation, whatever the exhibit is
        └── ModelMissing      … because a model has not been fetched yet
"""

from __future__ import annotations

from pathlib import Path


class VeridicalWarning(UserWarning):
    """Something was left out and everything else goes on; the command line shows it as one line."""


class VeridicalError(Exception):
    """Base of all errors raised on purpose; its text says what to do next."""


class UsageError(VeridicalError):
    """What was asked for does not exist or does not fit."""


class CaseDamaged(VeridicalError):
    """A case, or something made from one, is not what its log says: changed, cut off or incomplete."""


class DeclarationError(VeridicalError):
    """An examination or a percept is declared wrongly."""


class MediaError(VeridicalError):
    """A file cannot be examined.

    Parameters
    ----------
    path
        The file.
    problem
        What is wrong with it, in words a user understands.
    remedy
        What to do next.
    """

    def __init__(self, path: Path | str, problem: str, remedy: str) -> None:
        self.path = Path(path)
        self.problem = problem
        self.remedy = remedy
        super().__init__(f"{self.path}: {problem}. {remedy}.")


class NotMedia(MediaError):
    """The file is empty, or not an image, video or audio file."""


class UnsupportedMedia(MediaError):
    """The type is recognised, but this installation cannot decode it."""


class DamagedMedia(MediaError):
    """The type is recognised, but the content is truncated or corrupt."""


class EncryptedMedia(MediaError):
    """The content is encrypted."""


class MediaTooLarge(MediaError):
    """Beyond the limits of pixels, duration or bytes."""


class DecoderFailed(MediaError):
    """The decoder process crashed, or ran out of time or memory."""


class MediaChanged(MediaError):
    """The file changed while it was examined."""


class ModelError(VeridicalError):
    """Something about a model file."""


class UnknownModel(ModelError):
    """No model of that name is in the catalogue."""


class FetchFailed(ModelError):
    """A model could not be downloaded."""


class HashMismatch(ModelError):
    """A model file is not the one that the catalogue pins."""


class NotApplicable(VeridicalError):
    """An examination or percept cannot say anything about this exhibit; the text is the reason."""


class NoSuchStream(NotApplicable):
    """The exhibit is of another kind: it has no such stream."""


class NotInstalled(NotApplicable):
    """Something is missing in the installation; that says nothing of the exhibit."""


class ModelMissing(NotInstalled):
    """A model has not been fetched yet; the text holds the command that fetches it."""

    def __init__(self, *names: str) -> None:
        self.names = names
        listed = " ".join(names)
        what = f"the model {listed} is" if len(names) == 1 else f"the models {', '.join(names)} are"
        super().__init__(f"{what} not on this machine; run: veridical models fetch {listed}")
