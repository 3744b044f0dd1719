"""Names by which software that encodes what another encoder made signs a video or a recording."""

from __future__ import annotations

import re

TRANSCODERS = re.compile(
    r"Lavf|Lavc|libx26[45]|\bx26[45]\b|HandBrake|Premiere|Final Cut|DaVinci|After Effects|CapCut|InShot|GPAC|VirtualDub|"
    r"Kdenlive|OpenShot|Vegas|iMovie",
    re.IGNORECASE,
)
