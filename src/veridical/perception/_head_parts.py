"""Two parts of the generic head: the inner face, and the outline of the face around it.

Points of the same structure as ``_head``, in its units and from its origin. Inner: brows, nose and corners of the mouth, 21
points after the 68 of dlib. Outline: forehead, temples and cheeks down to the lobes of the ears; chin and jaw, which move
when a person speaks, are left out.
"""

from __future__ import annotations

import numpy as np

# Index in the mesh, x (the person's left), y (down), z (away from the camera); unit: distance of the outer eye corners.
_INNER = """
2 0.000 0.529 -0.370; 4 0.000 0.388 -0.557; 61 -0.307 0.747 -0.071; 63 -0.557 -0.196 0.033
66 -0.314 -0.224 -0.164; 70 -0.627 -0.133 0.147; 97 -0.088 0.527 -0.341; 98 -0.198 0.500 -0.246
105 -0.451 -0.229 -0.073; 107 -0.160 -0.207 -0.223; 168 0.000 -0.021 -0.236; 195 0.000 0.215 -0.432
197 0.000 0.143 -0.368; 291 0.307 0.747 -0.071; 293 0.557 -0.196 0.033; 296 0.314 -0.224 -0.164
300 0.627 -0.133 0.147; 326 0.088 0.527 -0.341; 327 0.198 0.500 -0.246; 334 0.451 -0.229 -0.073
336 0.160 -0.207 -0.223
"""
_OUTLINE = """
10 0.000 -0.547 -0.143; 21 -0.724 -0.223 0.465; 54 -0.657 -0.347 0.316; 67 -0.386 -0.511 0.001
93 -0.750 0.386 0.709; 103 -0.550 -0.445 0.159; 109 -0.209 -0.541 -0.097; 127 -0.767 0.072 0.679
132 -0.729 0.556 0.687; 162 -0.758 -0.092 0.581; 234 -0.758 0.228 0.714; 251 0.724 -0.223 0.465
284 0.657 -0.347 0.316; 297 0.386 -0.511 0.001; 323 0.750 0.386 0.709; 332 0.550 -0.445 0.159
338 0.209 -0.541 -0.097; 356 0.767 0.072 0.679; 361 0.729 0.556 0.687; 389 0.758 -0.092 0.581
454 0.758 0.228 0.714
"""


def _read(table: str) -> tuple[np.ndarray, np.ndarray]:
    rows = [row.split() for row in table.replace("\n", ";").split(";") if row.strip()]
    indices = np.array([int(row[0]) for row in rows])
    points = np.array([[float(number) for number in row[1:]] for row in rows])
    indices.flags.writeable = points.flags.writeable = False
    return indices, points


INNER_INDICES, INNER = _read(_INNER)
OUTLINE_INDICES, OUTLINE = _read(_OUTLINE)
# Distance between the sides of the face before the ears (234, 454), in the same unit.
WIDTH = 1.516
