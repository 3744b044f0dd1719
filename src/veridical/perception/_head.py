"""A generic head: rigid points of the face mesh in three dimensions.

Made by us: the structure that best explains, by scaled-orthographic projection, the meshes that facemesh.468 gives on 717
photographs of adults, mirrored onto itself. The zero of pitch is the median pose of those portraits. Lips, jaw, lids and
brows, which move against the skull, are left out as far as they can be.
"""

from __future__ import annotations

import numpy as np

# Index in the mesh, x (the person's left), y (down), z (away from the camera); unit: distance of the outer eye corners.
_TABLE = """
1 0.000 0.461 -0.544; 2 0.000 0.529 -0.370; 4 0.000 0.388 -0.557; 5 0.000 0.294 -0.502
6 0.000 0.064 -0.300; 8 0.000 -0.101 -0.239; 9 0.000 -0.194 -0.246; 10 0.000 -0.547 -0.143
21 -0.724 -0.223 0.465; 33 -0.500 0.024 0.071; 46 -0.585 -0.102 0.080; 50 -0.540 0.376 0.015
54 -0.657 -0.347 0.316; 67 -0.386 -0.511 0.001; 70 -0.627 -0.133 0.147; 98 -0.198 0.500 -0.246
103 -0.550 -0.445 0.159; 107 -0.160 -0.207 -0.223; 109 -0.209 -0.541 -0.097; 117 -0.578 0.206 0.098
118 -0.492 0.231 0.013; 122 -0.064 0.082 -0.273; 127 -0.767 0.072 0.679; 129 -0.238 0.423 -0.193
133 -0.192 0.040 -0.046; 151 0.000 -0.374 -0.207; 162 -0.758 -0.092 0.581; 168 0.000 -0.021 -0.236
193 -0.085 -0.010 -0.189; 195 0.000 0.215 -0.432; 197 0.000 0.143 -0.368; 234 -0.758 0.228 0.714
251 0.724 -0.223 0.465; 263 0.500 0.024 0.071; 276 0.585 -0.102 0.080; 280 0.540 0.376 0.015
284 0.657 -0.347 0.316; 297 0.386 -0.511 0.001; 300 0.627 -0.133 0.147; 327 0.198 0.500 -0.246
332 0.550 -0.445 0.159; 336 0.160 -0.207 -0.223; 338 0.209 -0.541 -0.097; 346 0.578 0.206 0.098
347 0.492 0.231 0.013; 351 0.064 0.082 -0.273; 356 0.767 0.072 0.679; 358 0.238 0.423 -0.193
362 0.192 0.040 -0.046; 389 0.758 -0.092 0.581; 417 0.085 -0.010 -0.189; 454 0.758 0.228 0.714
"""
_ROWS = [row.split() for row in _TABLE.replace("\n", ";").split(";") if row.strip()]
INDICES = np.array([int(row[0]) for row in _ROWS])
POINTS = np.array([[float(number) for number in row[1:]] for row in _ROWS])
POINTS.flags.writeable = INDICES.flags.writeable = False
# Distance between the middles of the eyes, in the same unit.
EYES_APART = 0.692
